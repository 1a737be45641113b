#pragma once

// Pooling and up-sampling as layers, without parameters: each channel by itself, of each window one
// number, or of each pixel several. They throw Error, in their own name, for an input of another
// rank or (but for nearest) of integers, for a kernel, stride, dilation or `times` below 1, negative
// padding, and a window that is larger than the padded input or, to take the largest, all padding.

#include <array>
#include <cstdint>

#include "autograd/ops/conv.h"

namespace hourglass::nn {

struct Pool1dOptions {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;  // as for images 2 unless it is given, whatever the kernel
  std::array<std::int64_t, 2> padding = {0, 0};
  std::int64_t dilation = 1;
};

// The largest of each window: x [B, C, L] -> [B, C, L'] and x [B, C, H, W] -> [B, C, H', W'], L' =
// (L + padding - dilation (kernel - 1) - 1) / stride + 1, rounded down. Padding is never chosen, of
// equals the first is. Where each was, which unpooling asks for, is max_pool2d's to say.
struct MaxPool1d {
  Pool1dOptions options = {};

  Var operator()(const Var& x) const;
};
struct MaxPool2d {
  PoolOptions options = {};

  Var operator()(const Var& x) const;
};

// The mean of each window, of those shapes. Padding counts as zeros (PyTorch's count_include_pad).
struct AvgPool1d {
  Pool1dOptions options = {};

  Var operator()(const Var& x) const;
};
struct AvgPool2d {
  PoolOptions options = {};

  Var operator()(const Var& x) const;
};

// Each number so many times: x [B, C, L] -> [B, C, times L], x [B, C, H, W] -> [B, C, times H,
// times W].
struct UpsampleNearest1d {
  std::int64_t times = 2;

  Var operator()(const Var& x) const;
};
struct UpsampleNearest2d {
  std::int64_t times = 2;

  Var operator()(const Var& x) const;
};

// Bilinear interpolation between pixel centres, edges held (PyTorch's align_corners=False): x [B,
// C, H, W] -> [B, C, times H, times W].
struct UpsampleBilinear2d {
  std::int64_t times = 2;

  Var operator()(const Var& x) const;
};

}  // namespace hourglass::nn

#pragma once

// Convolutions and pooling over images [B, C, H, W]. Weights are laid out as PyTorch lays them out:
// conv2d takes [out, in / groups, h, w] (OIHW), conv_transpose2d [in, out / groups, h, w] (IOHW).
// As in the field, "convolution" is a cross-correlation: y[b, o, u, v] = sum over i, s, t of w[o,
// i, s, t] x[b, i, u stride + s dilation - top, ...].

#include <array>
#include <cstdint>

#include "autograd/graph/var.h"

namespace hourglass {

struct ConvOptions {
  std::array<std::int64_t, 2> stride = {1, 1};         // down, across
  std::array<std::int64_t, 4> padding = {0, 0, 0, 0};  // zeros around: top, bottom, left, right
  std::array<std::int64_t, 2> dilation = {1, 1};
  std::int64_t groups = 1;  // the channels of each group see only that group
};
ConvOptions same_conv(std::int64_t stride, std::int64_t padding);  // equal in both directions

// --- three ops that are each other's derivatives

// x [B, C, H, W], w [O, C / groups, h, w] -> [B, O, H', W'] with
// H' = (H + top + bottom - dilation (h - 1) - 1) / stride + 1, rounded down. Throws Error where the
// kernel is larger than the padded image.
Var conv2d(const Var& x, const Var& w, const ConvOptions& options = {});
// The adjoint of conv2d in x: g [B, O, H', W'], w as above -> [B, C, H, W].
Var conv2d_input_gradient(const Var& g, const Var& w, std::array<std::int64_t, 2> image,
                          const ConvOptions& options = {});
// The adjoint of conv2d in w: x [B, C, H, W], g [B, O, H', W'] -> [O, C / groups, h, w].
Var conv2d_weight_gradient(const Var& x, const Var& g, std::array<std::int64_t, 2> kernel,
                           const ConvOptions& options = {});

// --- functions over them

// x [B, I, H, W], w [I, O / groups, h, w] -> [B, O, H', W'], H' = (H - 1) stride - top - bottom +
// dilation (h - 1) + output_padding + 1: the input gradient of the conv2d of the same options.
// output_padding is less than the stride or the dilation, and says which of the images that conv2d
// maps to H is meant.
Var conv_transpose2d(const Var& x, const Var& w, const ConvOptions& options = {},
                     std::array<std::int64_t, 2> output_padding = {0, 0});

// A convolution's bias: y [B, C, ...] plus bias [C], each channel its own number.
Var channel_bias(const Var& y, const Var& bias);

struct Conv1dOptions {
  std::int64_t stride = 1;
  std::array<std::int64_t, 2> padding = {0, 0};
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
};
Var conv1d(const Var& x, const Var& w,
           const Conv1dOptions& options = {});  // [B, C, L], [O, C / groups, l]
Var conv_transpose1d(const Var& x, const Var& w, const Conv1dOptions& options = {},
                     std::int64_t output_padding = 0);

// --- pooling and up-sampling

struct PoolOptions {
  std::array<std::int64_t, 2> kernel = {2, 2};
  std::array<std::int64_t, 2> stride = {2, 2};
  std::array<std::int64_t, 4> padding = {0, 0, 0,
                                         0};  // never chosen by max, zeros for avg; < kernel
  std::array<std::int64_t, 2> dilation = {1, 1};
};
struct MaxPool {
  Var values;   // [B, C, H', W']
  Var indices;  // i32, the same shape: where in its plane [H, W] each was, row-major; the first of
                // equals
};
MaxPool max_pool2d(const Var& x, const PoolOptions& options = {});
// Puts values back where their indices say, zeros elsewhere; values that meet are added. -> [B, C,
// H, W]
Var max_unpool2d(const Var& values, const Var& indices, std::array<std::int64_t, 2> image);
// Means over windows; padding counts as zeros, as PyTorch's count_include_pad has it.
Var avg_pool2d(const Var& x, const PoolOptions& options = {});

// Every pixel becomes times[0] x times[1], down and across, or times x times.
Var upsample_nearest2d(const Var& x, std::array<std::int64_t, 2> times);
Var upsample_nearest2d(const Var& x, std::int64_t times);
// Bilinear interpolation between pixel centres, edges held (PyTorch's align_corners=False). -> [B,
// C, H, W]
Var upsample_bilinear2d(const Var& x, std::array<std::int64_t, 2> image);

}  // namespace hourglass

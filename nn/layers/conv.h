#pragma once

// Convolutions as layers, laid out and named as PyTorch's modules: weight and bias. A layer throws
// Error, in its own name, for an input of another rank or number of channels; its maker where
// channels, kernel or groups are below 1 or do not divide.

#include <array>
#include <cstdint>

#include "autograd/ops/conv.h"
#include "nn/layers/init.h"
#include "nn/layers/visit.h"

namespace hourglass::nn {

// x [B, in, L] -> [B, out, L']: weight [out, in / groups, l], bias [out].
struct Conv1d {
  Var weight;
  Var bias;  // undefined for a layer without one
  Conv1dOptions options = {};

  Var operator()(const Var& x) const;
  void visit(const Visitor& visitor);
};
Conv1d make_conv1d(std::int64_t in, std::int64_t out, std::int64_t kernel,
                   const Conv1dOptions& options, Init init, InitSource& source, bool bias = true);

// x [B, in, H, W] -> [B, out, H', W']: weight [out, in / groups, h, w], bias [out].
struct Conv2d {
  Var weight;
  Var bias;
  ConvOptions options = {};

  Var operator()(const Var& x) const;
  void visit(const Visitor& visitor);
};
Conv2d make_conv2d(std::int64_t in, std::int64_t out, std::array<std::int64_t, 2> kernel,
                   const ConvOptions& options, Init init, InitSource& source, bool bias = true);

// The transposed convolutions, which undo the shapes of the above: weight [in, out / groups, l] and
// [in, out / groups, h, w]. Of the sizes that a convolution maps to the input's, output_padding
// says which is meant.
struct ConvTranspose1d {
  Var weight;
  Var bias;
  Conv1dOptions options = {};
  std::int64_t output_padding = 0;

  Var operator()(const Var& x) const;
  void visit(const Visitor& visitor);
};
ConvTranspose1d make_conv_transpose1d(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                      const Conv1dOptions& options, Init init, InitSource& source,
                                      bool bias = true);

struct ConvTranspose2d {
  Var weight;
  Var bias;
  ConvOptions options = {};
  std::array<std::int64_t, 2> output_padding = {0, 0};

  Var operator()(const Var& x) const;
  void visit(const Visitor& visitor);
};
ConvTranspose2d make_conv_transpose2d(std::int64_t in, std::int64_t out,
                                      std::array<std::int64_t, 2> kernel,
                                      const ConvOptions& options, Init init, InitSource& source,
                                      bool bias = true);

}  // namespace hourglass::nn

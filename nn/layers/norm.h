#pragma once

// Normalisation, named as PyTorch's modules. Statistics have f32's or f64's precision, whichever
// the parameters have.

#include <cstdint>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "nn/layers/visit.h"
#include "tensor/shape.h"

namespace hourglass::nn {

// y = (x - mean) / sqrt(variance + epsilon) weight + bias over the last axes of x [..., shape],
// each row by itself, the variance that of all elements (divided by n): Ba, Kiros and Hinton,
// "Layer normalization", 2016. weight and bias are of that shape. Throws Error, in its own name,
// for an x that does not end in it.
struct LayerNorm {
  Var weight, bias;
  double epsilon = 1e-5;

  Var operator()(const Var& x) const;
  void visit(const Visitor& visitor);
};
// Weight 1, bias 0. Throws Error for no axis, or one without elements.
LayerNorm make_layer_norm(const Shape& shape);

// y = (x - mean) / sqrt(variance + epsilon) weight + bias of each channel of x [B, C] or [B, C,
// ...]: Ioffe and Szegedy, "Batch normalization", 2015. In training mean and variance (divided by
// n) are those of the batch, and the step is given the updates
//   running' = (1 - momentum) running + momentum batch's,
// with the variance divided by n - 1 there, as PyTorch has it; otherwise the running ones are used.
// All are [C]; running_mean and running_var are state. Throws Error, in its own name, for an x of
// rank below 2 or with another number of channels, and in training for a batch with one number a
// channel.
struct BatchNorm {
  Var weight, bias, running_mean, running_var;
  double momentum = 0.1;
  double epsilon = 1e-5;

  Var operator()(const Var& x, Step& step) const;
  void visit(const Visitor& visitor);
};
// Weight 1, bias 0, running mean 0 and variance 1. Throws Error for less than one channel.
BatchNorm make_batch_norm(std::int64_t channels);

}  // namespace hourglass::nn

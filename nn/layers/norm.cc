#include "nn/layers/norm.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/ops/ops.h"
#include "nn/layers/check_input.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

// x [B, C, ...] and numbers a channel [C], as they broadcast.
Var by_channel(const Var& numbers, int rank) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(rank - 1), 1);
  sizes[0] = numbers.size(0);
  return reshape(numbers, Shape(std::move(sizes)));
}

bool ends_in(const Shape& shape, const Shape& end) {
  return shape.rank() >= end.rank() &&
         std::equal(end.sizes().rbegin(), end.sizes().rend(), shape.sizes().rbegin());
}

void check_batch(const BatchNorm& layer, const Var& x) {
  check_weights("batch_norm", layer.weight, x);
  const std::int64_t channels = layer.weight.size(0);
  if (x.defined() && x.rank() >= 2 && x.size(1) == channels) return;
  throw Error(fmt::format("batch_norm: expected [B, {}] or [B, {}, ...]: got x={}", channels,
                          channels, x.defined() ? to_string(x.shape()) : "none"));
}

}  // namespace

Var LayerNorm::operator()(const Var& x) const {
  check_weights("layer_norm", weight, x);
  const Shape& shape = weight.shape();
  if (!x.defined() || !ends_in(x.shape(), shape)) {
    throw Error(fmt::format("layer_norm: expected a last part {}: got x={}", to_string(shape),
                            x.defined() ? to_string(x.shape()) : "none"));
  }
  std::vector<int> axes;
  for (int axis = -shape.rank(); axis < 0; ++axis) axes.push_back(axis);
  const Var centred = x - mean(x, axes, true);
  return centred * rsqrt(mean(square(centred), axes, true) + epsilon) * weight + bias;
}

void LayerNorm::visit(const Visitor& visitor) {
  visitor("weight", weight);
  visitor("bias", bias);
}

LayerNorm make_layer_norm(const Shape& shape) {
  if (shape.rank() == 0 || shape.elements() == 0) {
    throw Error(
        fmt::format("layer_norm: needs axes of sizes of at least 1: got {}", to_string(shape)));
  }
  return {parameter(Tensor::full(shape, 1, DType::kF32)), parameter(Tensor(shape, DType::kF32))};
}

Var BatchNorm::operator()(const Var& x, Step& step) const {
  check_batch(*this, x);
  Var centre = running_mean, spread = running_var;
  if (step.training) {
    std::vector<int> axes = {0};
    for (int axis = 2; axis < x.rank(); ++axis) axes.push_back(axis);
    const std::int64_t n = x.elements() / x.size(1);
    if (n < 2) {
      throw Error(fmt::format("batch_norm: in training a channel needs two numbers: got x={}",
                              to_string(x.shape())));
    }
    centre = mean(x, axes);
    spread = mean(square(x - by_channel(centre, x.rank())), axes);
    const double unbiased = static_cast<double>(n) / static_cast<double>(n - 1);
    step.update(running_mean, (1 - momentum) * running_mean + momentum * centre);
    step.update(running_var, (1 - momentum) * running_var + momentum * unbiased * spread);
  }
  const Var factor = weight * rsqrt(spread + epsilon);
  return (x - by_channel(centre, x.rank())) * by_channel(factor, x.rank()) +
         by_channel(bias, x.rank());
}

void BatchNorm::visit(const Visitor& visitor) {
  visitor("weight", weight);
  visitor("bias", bias);
  visitor("running_mean", running_mean, Role::kState);
  visitor("running_var", running_var, Role::kState);
}

BatchNorm make_batch_norm(std::int64_t channels) {
  if (channels < 1) {
    throw Error(fmt::format("batch_norm: channels must be at least 1: got {}", channels));
  }
  const Tensor zeros({channels}, DType::kF32), ones = Tensor::full({channels}, 1, DType::kF32);
  return {parameter(ones), parameter(zeros), parameter(zeros), parameter(ones)};
}

}  // namespace hourglass::nn

#include "nn/layers/linear.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "autograd/ops/sparse.h"
#include "nn/layers/check_input.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

Var Linear::operator()(const Var& x) const {
  check_weights("linear", weight, x);
  if (!x.defined() || x.rank() != 2 || x.size(1) != weight.size(1)) {
    const std::string name = weight.label().empty() ? "weight" : weight.label();
    throw Error(fmt::format("linear: input width differs: x={}, {}={}: expected [B, {}]",
                            x.defined() ? to_string(x.shape()) : "none", name,
                            to_string(weight.shape()), weight.size(1)));
  }
  const Var product = matmul(x, weight, false, true);
  return bias.defined() ? product + bias : product;
}

Var Linear::operator()(const SparseRows& x) const {
  const Var product = sparse_matmul(x, weight, true);
  return bias.defined() ? product + bias : product;
}

void Linear::visit(const Visitor& visitor) {
  if (weight.defined()) visitor("weight", weight);
  if (bias.defined()) visitor("bias", bias);
}

Linear make_linear(std::int64_t in, std::int64_t out, Init init, InitSource& source, bool bias) {
  if (in < 1 || out < 1) {
    throw Error(fmt::format("linear: widths must be at least 1: in={}, out={}", in, out));
  }
  Linear layer;
  layer.weight = weight_parameter(init, source, Shape{out, in});
  if (bias) layer.bias = bias_parameter(init, source, Shape{out}, in);
  return layer;
}

}  // namespace hourglass::nn

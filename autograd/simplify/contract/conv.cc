#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/contract/contract.h"

// Convolutions. y[n, o, q] = sum over c and t of x[n, c, u] w[o, c, t] with u = stride q + dilation
// t - pad is a product of x, w and one tap an axis; so is its input gradient, with the same taps.

namespace hourglass::contract {
namespace {

using Sizes = std::vector<std::int64_t>;

// Images [n, channels, down, across] with the channels as [groups, of one group].
bool split_groups(Term& images, std::int64_t groups) {
  const Shape shape = shape_of(images.out);
  return reshape(images, {shape[0], groups, shape[1] / groups, shape[2], shape[3]});
}

// An identity reaches every channel and position: what they are is known from the first axis.
bool is_reached(const Term& images) {
  for (std::size_t i = 1; i < images.out.size(); ++i) {
    for (Label label : images.out[i]) {
      if (!contains(images.out[0], label)) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Term> convolve(const Var& node, const Term& images, const Term& weight) {
  const Attributes& attributes = node.attributes();
  const std::int64_t groups = attributes.integer("groups");
  const bool forward = node.op().name == "conv2d";
  if (!is_reached(images)) return {};
  Term x = images, w = weight;
  const Shape kernel = shape_of(weight.out);
  if (!split_groups(x, groups) ||
      !reshape(w, {groups, kernel[0] / groups, kernel[1], kernel[2], kernel[3]})) {
    return {};
  }
  // out: [n, group, channel, down, across | group, out channel, in channel, down, across]
  std::optional<Term> result = multiply(x, w, {{1, 0}, {2, forward ? 2 : 1}});
  if (!result) return {};
  const std::vector<Axis>& all = result->out;
  Axis channels = all[1];
  const Axis& other = all[forward ? 6 : 7];
  channels.insert(channels.end(), other.begin(), other.end());
  std::vector<Axis> out = {all[0], channels};
  for (std::size_t k : {0u, 1u}) {
    const std::int64_t size = node.size(static_cast<int>(k) + 2);
    const Axis place = size == 1 ? Axis{} : Axis{fresh(size)};
    Factor factor;
    factor.tap = {attributes.integers("stride")[k], attributes.integers("dilation")[k],
                  attributes.integers("padding")[2 * k]};
    factor.axes = {forward ? all[3 + k] : place, forward ? place : all[3 + k], all[8 + k]};
    result->factors.push_back(std::move(factor));
    out.push_back(place);
  }
  result->out = std::move(out);
  return result;
}

Var tap_values(const Factor& tap, DType dtype) {
  const Shape shape = shape_of(tap.axes);
  std::vector<double> values;
  for (std::int64_t u = 0; u < shape[0]; ++u) {
    for (std::int64_t q = 0; q < shape[1]; ++q) {
      for (std::int64_t t = 0; t < shape[2]; ++t) {
        const bool meets = u == tap.tap.stride * q + tap.tap.dilation * t - tap.tap.pad;
        values.push_back(meets ? 1 : 0);
      }
    }
  }
  return constant(Tensor::from(values, shape).cast(dtype));
}

}  // namespace hourglass::contract

#include "nn/layers/check_input.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::internal {
namespace {

[[noreturn]] void fail_axes(std::string_view who, const Var& x, std::string_view axes) {
  throw Error(fmt::format("{}: expected [{}]: got x={}", who, axes,
                          x.defined() ? to_string(x.shape()) : "none"));
}

}  // namespace

void check_channels(std::string_view who, const Var& x, std::int64_t channels,
                    std::string_view rest) {
  const std::string axes = fmt::format("B, {}{}{}", channels, rest.empty() ? "" : ", ", rest);
  check_axes(who, x, axes);
  if (x.size(1) != channels) fail_axes(who, x, axes);
}

void check_axes(std::string_view who, const Var& x, std::string_view axes) {
  if (x.defined() && x.rank() == 1 + std::count(axes.begin(), axes.end(), ',')) return;
  fail_axes(who, x, axes);
}

void check_weights(std::string_view who, const Var& weight, const Var& x) {
  if (!weight.defined()) {
    throw Error(fmt::format("{0}: the layer has no weights: nn::make_{0} makes one", who));
  }
  if (!x.defined() || x.dtype() == weight.dtype()) return;
  throw Error(fmt::format("{}: dtypes differ: x is {}, the weights are {}: use cast(x, DType::k{})",
                          who, name_of(x.dtype()), name_of(weight.dtype()),
                          weight.dtype() == DType::kF64 ? "F64" : "F32"));
}

}  // namespace hourglass::internal

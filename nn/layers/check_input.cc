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

}  // namespace hourglass::internal

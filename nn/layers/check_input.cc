#include "nn/layers/check_input.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::internal {

void check_channels(std::string_view who, const Var& x, std::int64_t channels,
                    std::string_view rest) {
  const auto more = rest.empty() ? 0 : 1 + std::count(rest.begin(), rest.end(), ',');
  if (x.defined() && x.rank() == 2 + more && x.size(1) == channels) return;
  throw Error(fmt::format("{}: expected [B, {}{}{}]: got x={}", who, channels,
                          rest.empty() ? "" : ", ", rest,
                          x.defined() ? to_string(x.shape()) : "none"));
}

}  // namespace hourglass::internal

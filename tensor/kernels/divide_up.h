#pragma once

#include <cstdint>

namespace hourglass::kernels::internal {

// The least whole number that is at least a / b, for a >= 0 and b > 0.
constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace hourglass::kernels::internal

#include <array>
#include <cstddef>

#include "tensor/kernels.h"
#include "tensor/kernels/lanes/lane_families.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {

LaneFunction lane_function(Lane lane, DType dtype) {
  for (const auto find :
       {find_arithmetic_lane, find_comparison_lane, find_erf_lane, find_exp_lane, find_gamma_lane,
        find_log_lane, find_pow_lane, find_sigmoid_lane, find_trig_lane}) {
    if (const LaneFunction f = find(lane, dtype)) return f;
  }
  return nullptr;
}

void run_lane(Lane lane, DType dtype, std::span<const void* const> inputs, void* y, std::int64_t n,
              const double* parameters) {
  constexpr std::int64_t grain = 1 << 15;
  const LaneFunction f = lane_function(lane, dtype);
  const auto size = static_cast<std::int64_t>(size_of(dtype));
  parallel_ranges(n, grain, [&](std::int64_t first, std::int64_t last) {
    std::array<const void*, 3> from{};
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      from[k] = static_cast<const std::byte*>(inputs[k]) + first * size;
    }
    f(from.data(), static_cast<std::byte*>(y) + first * size,
      static_cast<std::size_t>(last - first), parameters);
  });
}

}  // namespace hourglass::kernels

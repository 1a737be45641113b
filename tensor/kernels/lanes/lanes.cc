#include <array>
#include <cstddef>

#include "tensor/kernels.h"
#include "tensor/kernels/lanes/lane_families.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

// In the order of Lane. ULP figures: the worst error that dense sweeps of the range show on any
// target, rounded up; the tests hold them.
constexpr auto infos = std::to_array<LaneInfo>({
    // name, inputs, parameters, integers, ULP f32, ULP f64, range
    {"none", 0, 0, false, 0, 0, ""},
    {"exp", 1, 0, false, 1.2, 0.9, "all; overflow gives inf, underflow is gradual"},
    {"expm1", 1, 0, false, 1.7, 1.7, "all"},
    {"log", 1, 0, false, 0.9, 0.9, "all; 0 gives -inf, x < 0 NaN"},
    {"log1p", 1, 0, false, 1.5, 1.5, "all; -1 gives -inf, x < -1 NaN"},
    {"sqrt", 1, 0, false, 0.5, 0.5, "all; x < 0 gives NaN"},
    {"rsqrt", 1, 0, false, 1.5, 1.5, "all; 0 gives inf, x < 0 NaN"},
    {"reciprocal", 1, 0, false, 0.5, 0.5, "all"},
    {"tanh", 1, 0, false, 4.8, 1.4, "all"},
    {"sigmoid", 1, 0, false, 2.5, 1.8, "all, denormal results included"},
    {"softplus", 1, 0, false, 2.1, 1.8, "all, denormal results included"},
    {"relu", 1, 0, true, 0, 0, "all"},
    {"abs", 1, 0, true, 0, 0, "all; i32 wraps at the least"},
    {"sign", 1, 0, true, 0, 0, "all; 0, -0 and NaN stay"},
    {"square", 1, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"negate", 1, 0, true, 0, 0, "all; i32 wraps at the least"},
    {"sin", 1, 0, false, 1.6, 1.6, "all; inf gives NaN"},
    {"cos", 1, 0, false, 1.6, 1.6, "all; inf gives NaN"},
    {"erf", 1, 0, false, 1.3, 1.3, "all"},
    {"leaky_relu", 1, 1, false, 0.5, 0.5, "all, for a slope exact in the dtype"},
    {"elu", 1, 1, false, 1.7, 1.7, "all, for an alpha exact in the dtype"},
    {"selu", 1, 0, false, 1.9, 1.9, "all"},
    {"silu", 1, 0, false, 2.5, 1.8, "all, denormal results included"},
    {"gelu", 1, 0, false, 5.4, 1.6, "all, denormal results included"},
    {"gelu_tanh", 1, 0, false, 2.1, 1.7, "all, denormal results included"},
    {"softsign", 1, 0, false, 1.5, 1.5, "all"},
    {"logit", 1, 0, false, 1.7, 1.7, "all; 0 gives -inf, 1 inf, outside NaN"},
    {"clip", 1, 2, false, 0, 0, "all; NaN stays"},
    {"pow_scalar", 1, 1, false, 1.5, 1.5, "all, as std::pow"},
    {"add", 2, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"subtract", 2, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"multiply", 2, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"divide", 2, 0, false, 0.5, 0.5, "all"},
    {"maximum", 2, 0, true, 0, 0, "all; a NaN wins, of equals the second"},
    {"minimum", 2, 0, true, 0, 0, "all; a NaN wins, of equals the second"},
    {"pow", 2, 0, false, 1.1, 1, "all, as std::pow"},
    {"equal", 2, 0, true, 0, 0, "all; NaN equals nothing"},
    {"not_equal", 2, 0, true, 0, 0, "all; NaN differs from everything"},
    {"less", 2, 0, true, 0, 0, "all; false for NaN"},
    {"less_equal", 2, 0, true, 0, 0, "all; false for NaN"},
    {"where", 3, 0, true, 0, 0, "all; a NaN is a mask other than 0"},
});
static_assert(infos.size() == static_cast<std::size_t>(Lane::kCount));

}  // namespace

const LaneInfo& lane_info(Lane lane) { return infos[static_cast<std::size_t>(lane)]; }

LaneFunction lane_function(Lane lane, DType dtype) {
  for (const auto find : {find_arithmetic_lane, find_comparison_lane, find_erf_lane, find_exp_lane,
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

// Lane functions over whole arrays.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bench/kernels/families.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {

namespace {

using kernels::Lane;

// Instructions an element on targets with FMA, as the lane's source has them: see Work.
struct Cost {
  Lane lane;
  double f32, f64;
};
constexpr Cost kCosts[] = {{Lane::kAdd, 0, 0},    {Lane::kMultiply, 1, 1},  {Lane::kRelu, 0, 0},
                           {Lane::kSqrt, 1, 1},   {Lane::kExp, 10, 16},     {Lane::kLog, 13, 14},
                           {Lane::kTanh, 11, 25}, {Lane::kSigmoid, 11, 17}, {Lane::kErf, 33, 59},
                           {Lane::kSin, 13, 19},  {Lane::kSoftplus, 20, 31}};

Call make_call(Lane lane, DType dtype, std::int64_t n) {
  std::vector<Tensor> x;
  for (int i = 0; i < kernels::lane_info(lane).inputs; ++i) {
    const auto stream = static_cast<std::uint32_t>(i);
    x.push_back(uniform(key_of(5), {"inputs", stream}, 0, Shape{n}, 0.1, 4, dtype));
  }
  Tensor y(Shape{n}, dtype);
  return [=]() mutable {
    std::array<const void*, 2> in{x[0].raw(), x.back().raw()};
    kernels::run_lane(lane, dtype, {in.data(), x.size()}, y.raw(), n);
  };
}

}  // namespace

void add_lanes(Rows& rows, const Machine& machine) {
  for (const Cost& cost : kCosts) {
    const Lane lane = cost.lane;
    const kernels::LaneInfo& info = kernels::lane_info(lane);
    const int arrays = info.inputs + 1;
    const bool counted = lane == Lane::kAdd || lane == Lane::kMultiply;
    at_all_sizes(
        machine, std::string(info.name), arrays,
        [&](const std::string& row, DType dtype, std::size_t level, int threads, std::int64_t n) {
          const auto elements = static_cast<double>(n);
          const Work work{.bytes = elements * arrays * static_cast<double>(size_of(dtype)),
                          .operations = counted ? elements : 0,
                          .instructions = elements * (dtype == DType::kF64 ? cost.f64 : cost.f32),
                          .elements = elements,
                          .level = level};
          rows.push_back({row, dtype, threads, work, [=] { return make_call(lane, dtype, n); }});
        });
  }
}

}  // namespace hourglass::bench

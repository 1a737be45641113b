// Lane functions over whole arrays.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bench/kernels/families.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {

using kernels::Lane;

void add_lanes(const Machine& machine) {
  for (Lane lane : {Lane::kAdd, Lane::kMultiply, Lane::kRelu, Lane::kSqrt, Lane::kExp, Lane::kLog,
                    Lane::kTanh, Lane::kSigmoid, Lane::kSoftplus, Lane::kErf, Lane::kSin}) {
    const kernels::LaneInfo& info = kernels::lane_info(lane);
    const int arrays = info.inputs + 1;
    const bool arithmetic = lane == Lane::kAdd || lane == Lane::kMultiply;
    at_all_sizes(
        machine, std::string(info.name), arrays,
        [&](const std::string& row, DType dtype, std::size_t level, int threads, std::int64_t n) {
          const Work work{
              .bytes = static_cast<double>(n * arrays) * static_cast<double>(size_of(dtype)),
              .operations = arithmetic ? static_cast<double>(n) : 0,
              .level = level};
          add_row(machine, row, dtype, threads, work, [=, inputs = info.inputs]() -> Call {
            std::vector<Tensor> x;
            for (int i = 0; i < inputs; ++i) {
              const auto stream = static_cast<std::uint32_t>(i);
              x.push_back(uniform(key_of(5), {"inputs", stream}, 0, Shape{n}, 0.1, 4, dtype));
            }
            Tensor y(Shape{n}, dtype);
            return [=]() mutable {
              std::array<const void*, 2> in{x[0].raw(), x[inputs == 2 ? 1 : 0].raw()};
              kernels::run_lane(lane, dtype, {in.data(), static_cast<std::size_t>(inputs)}, y.raw(),
                                n);
            };
          });
        });
  }
}

}  // namespace hourglass::bench

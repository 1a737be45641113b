#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kLaneElements = 100'000;
constexpr std::int64_t kLaneGrain = 8192;

void draw_normal(Tensor& y, std::uint32_t step) {
  const kernels::RandomStream stream{.key_low = 5, .step = step};
  float* out = y.data<float>();
  parallel_ranges(kLaneElements, kLaneGrain, [&](std::int64_t first, std::int64_t last) {
    kernels::random_normal(DType::kF32, stream, first, out + first, last - first);
  });
}

}  // namespace

Row lane_row(const std::string& name, int, double seconds) {
  const Tensor x = normal(key_of(5), "x", 0, Shape{kLaneElements}, 0, 2);
  Tensor y(Shape{kLaneElements}, DType::kF32);
  std::uint32_t step = 0;
  const auto call = [&] {
    if (name == "normal") return draw_normal(y, step++);
    const void* const inputs[] = {x.raw()};
    const auto lane = name == "tanh" ? kernels::Lane::kTanh : kernels::Lane::kSigmoid;
    kernels::run_lane(lane, DType::kF32, inputs, y.raw(), kLaneElements);
  };
  Row row{name, "ns an element"};
  for (double t : time_calls(seconds, call)) row.ours.push_back(t * 1e9 / kLaneElements);
  return row;
}

}  // namespace hourglass::bench

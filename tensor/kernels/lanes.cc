#include <array>

#include "tensor/kernels.h"
#include "tensor/kernels/lane_families.h"

namespace hourglass::kernels {

LaneFunction lane_function(Lane lane, DType dtype) {
  using Find = LaneFunction (*)(Lane, DType);
  constexpr std::array<Find, 4> families = {find_exp_lane, find_log_lane, find_sigmoid_lane,
                                            find_trig_lane};
  for (const Find find : families) {
    if (const LaneFunction f = find(lane, dtype)) return f;
  }
  return nullptr;
}

}  // namespace hourglass::kernels

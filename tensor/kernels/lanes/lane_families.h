#pragma once

#include "tensor/kernels.h"

// One function a file of lanes: the loop on the SIMD target in use, nullptr where the file does not
// have that lane or the lane has no such dtype.
namespace hourglass::kernels {

LaneFunction find_arithmetic_lane(Lane lane, DType dtype);  // lane_arithmetic.cc
LaneFunction find_comparison_lane(Lane lane, DType dtype);  // lane_comparison.cc
LaneFunction find_erf_lane(Lane lane, DType dtype);         // lane_erf.cc
LaneFunction find_exp_lane(Lane lane, DType dtype);         // lane_exp.cc
LaneFunction find_gamma_lane(Lane lane, DType dtype);       // lane_gamma.cc
LaneFunction find_log_lane(Lane lane, DType dtype);         // lane_log.cc
LaneFunction find_pow_lane(Lane lane, DType dtype);         // lane_pow.cc
LaneFunction find_sigmoid_lane(Lane lane, DType dtype);     // lane_sigmoid.cc
LaneFunction find_trig_lane(Lane lane, DType dtype);        // lane_trig.cc

}  // namespace hourglass::kernels

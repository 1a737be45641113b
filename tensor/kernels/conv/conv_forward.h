#pragma once

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// As conv2d, by lanes: every element is fma(w, x, sum) in order of the taps, from 0.
void conv2d_by_lanes(const Conv2d& conv, const float* x, const float* w, float* y);
void conv2d_by_lanes(const Conv2d& conv, const double* x, const double* w, double* y);

}  // namespace hourglass::kernels::internal

#pragma once

#include <cstdint>

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// As conv2d_input_gradient, by lanes: a tap's sum is fma(w, g, sum) in order of the output
// channels, from 0. These are added up in order of the taps, from 0, those of each `tile_rows` rows
// of g by themselves, and these sums in order of the rows.
void input_gradient_by_lanes(const Conv2d& conv, std::int64_t tile_rows, const float* g,
                             const float* w, float* x);
void input_gradient_by_lanes(const Conv2d& conv, std::int64_t tile_rows, const double* g,
                             const double* w, double* x);

}  // namespace hourglass::kernels::internal

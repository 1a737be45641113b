#pragma once

namespace hourglass::kernels {

// x = (4 k + quadrant) pi / 2 + r with |r| <= pi / 4: r correct to 2^-60 of itself, then rounded.
struct ScalarAngle {
  double r = 0;
  int quadrant = 0;
};

// For 1 <= |x|, however large (Payne and Hanek, "Radian reduction for trigonometric functions",
// SIGNUM Newsletter 18, 1983), in integers, so that every SIMD target gets the same bits. r is NaN
// where x is not finite.
ScalarAngle reduce_far_angle(double x);

}  // namespace hourglass::kernels

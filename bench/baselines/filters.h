#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace hourglass::bench {

// Filters against noise, of images f32 [N, H, W]; beyond its border an image goes on with its last
// pixels.

// The median of each pixel's window of side by side pixels; side is odd.
Tensor median_filtered(const Tensor& images, std::int64_t side);

// Weighted by a Gaussian of that deviation, in pixels, out to three of it.
Tensor gaussian_filtered(const Tensor& images, double deviation);

// Non-local means (Buades, Coll & Morel, "A non-local algorithm for image denoising", 2005): the mean
// of the pixels at most 5 to the side, weighted by exp(-d / strength^2), d the mean squared
// difference of the 3 x 3 pixels around both.
Tensor non_local_means(const Tensor& images, double strength);

}  // namespace hourglass::bench

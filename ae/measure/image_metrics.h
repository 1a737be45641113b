#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::ae {

// The structural similarity index of pairs of images [N, H, W] (u8 counts as pixels / 255; pixels
// in [0, 1]): Wang et al., "Image quality assessment: from error visibility to structural
// similarity", 2004, with an 11 x 11 Gaussian window of deviation 1.5, K1 = 0.01, K2 = 0.03 and a
// dynamic range of 1, averaged over the places where the whole window lies in the image (no
// padding). One number an image: 1 for equal images. In f64. Throws Error unless the shapes are
// equal and H and W at least 11.
std::vector<double> ssim(const Tensor& a, const Tensor& b, std::int64_t batch = 500);

// The peak signal-to-noise ratio of pairs of images [N, ...] (pixels as above): -10 log10 of each
// pair's mean squared error, in dB; infinity for equal images. Throws Error unless the shapes are
// equal.
std::vector<double> psnr(const Tensor& a, const Tensor& b, std::int64_t batch = 500);

inline constexpr std::int64_t kSsimWindow = 11;

}  // namespace hourglass::ae

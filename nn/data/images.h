#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace hourglass::nn {

// Images [N, C, h, w] in the middle of [N, C, side, side], zeros around them; where they do not
// divide evenly, one more below and to the right. Throws Error where they are larger.
Tensor pad_images(const Tensor& images, std::int64_t side);

}  // namespace hourglass::nn

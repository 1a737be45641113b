#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/tensor.h"

namespace hourglass::tools {

std::string base64(std::string_view bytes);

// An image, u8 [H, W] or [H, W, 3], as a page holds it: "data:image/png;base64,...".
std::string png_uri(const Tensor& image);

// Pictures u8 [N, H, W] or [N, H, W, 3] whose longer side is at most so many pixels: means over
// squares where they are larger.
Tensor reduced(const Tensor& pictures, std::int64_t longest);

}  // namespace hourglass::tools

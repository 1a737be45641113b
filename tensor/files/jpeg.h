#pragma once

#include <string>

#include "tensor/tensor.h"

namespace hourglass {

// A JPEG image as u8: [H, W] when it is grey, else [H, W, 3]; CMYK is turned into RGB without a
// profile. Throws FileError for anything but a whole image: libjpeg would fill up what is missing.
Tensor read_jpeg(const std::string& path);

}  // namespace hourglass

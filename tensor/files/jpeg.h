#pragma once

#include <string>

#include "tensor/tensor.h"

namespace hourglass {

// A JPEG image as u8: [H, W] when it is grey, else [H, W, 3]; CMYK is turned into RGB without a
// profile. Throws FileError for anything but a whole image: libjpeg would fill up what is missing.
Tensor read_jpeg(const std::string& path);

// A u8 image [H, W] (grey) or [H, W, 3] (RGB, its colours at half the resolution) as a JPEG file, of
// a quality from 1 to 100 as libjpeg counts it, with Huffman tables of its own. Throws Error for
// another shape or quality.
std::string jpeg_bytes(const Tensor& image, int quality);

}  // namespace hourglass

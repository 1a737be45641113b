#pragma once

#include <string>

#include "tensor/tensor.h"

namespace hourglass {

// A PNG image as u8: [H, W] when it is grey, [H, W, 3] when it has colours (true colour or a
// palette). Fewer than 8 bits are stretched to 0..255, 16 bits are rounded to 8, transparent pixels
// are laid over white. Colour profiles and gamma are left alone. Throws FileError for anything but
// a whole image.
Tensor read_png(const std::string& path);

// u8 [H, W] (grey) or [H, W, 3] (RGB); equal images give equal bytes. Throws Error for another
// shape.
void write_png(const std::string& path, const Tensor& image);

}  // namespace hourglass

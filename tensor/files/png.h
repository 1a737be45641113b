#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tensor/tensor.h"

namespace hourglass {

struct PngOptions {
  std::array<std::uint8_t, 3> background = {255, 255, 255};  // behind transparent pixels
  bool wide = false;  // 16 bits as f32 in [0, 1], a level by 65535; else rounded to 8
};

// A PNG image as u8: [H, W] when it is grey, [H, W, 3] when it has colours (true colour or a
// palette) or is grey over a background that is not. Fewer than 8 bits are stretched to 0..255.
// Colour profiles and gamma are left alone. Throws FileError for anything but a whole image.
Tensor read_png(const std::string& path, const PngOptions& options = {});

// u8 [H, W] (grey) or [H, W, 3] (RGB); equal images give equal bytes. Throws Error for another
// shape.
void write_png(const std::string& path, const Tensor& image);
std::string png_bytes(const Tensor& image);  // what such a file holds

}  // namespace hourglass

#pragma once

#include <string>

#include "tensor/tensor.h"

namespace hourglass {

// An image of Netpbm's formats P1 to P6 (PBM, PGM, PPM, as text or as bytes; .gz too): u8 [H, W], or
// [H, W, 3] of a PPM, its levels stretched to 0..255; f32 in [0, 1] where they go beyond 255. Throws
// FileError, naming the byte, for anything but one whole image.
Tensor read_pnm(const std::string& path);

}  // namespace hourglass

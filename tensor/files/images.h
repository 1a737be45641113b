#pragma once

#include "tensor/tensor.h"

namespace hourglass {

struct GridOptions {
  int columns = 0;  // 0: nearly as many as rows
  int gap = 2;      // pixels between images and around them
  int background =
      48;         // grey value of the gaps, 0 to 255: dark beside white paper, light beside black
  int scale = 1;  // every pixel of an image becomes scale x scale
};

// A contact sheet: u8 images [N, H, W] or [N, H, W, 3], row by row, as one u8 image [h, w] or [h,
// w, 3] (write_png takes it). Places without an image stay background. Throws Error for other
// shapes and for a sheet of more than 2^31 pixels.
Tensor image_grid(const Tensor& images, const GridOptions& options = {});

// Originals over their reconstructions: a line of `columns` images of a (all of them when it is 0),
// below it the same places of b, then, after a wider gap, the next. Same shapes, else Error.
Tensor image_pairs(const Tensor& a, const Tensor& b, const GridOptions& options = {});

// Numbers in [0, 1] (f32 or f64, any shape) as u8: 255 x rounded; what lies outside is clipped, NaN
// is 0.
Tensor to_u8_image(const Tensor& x);

}  // namespace hourglass

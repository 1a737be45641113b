#pragma once

#include "nn/data/read_options.h"

namespace hourglass::internal {

// Images [N, C, H, W] of another size, of their dtype: along an axis that shrinks the mean of what
// a pixel covers, along one that grows in between the two nearest centres. Throws Error for a size
// below 1.
Tensor resized_images(const Tensor& images, const nn::ImageSize& size);

// [N, 1, H, W] of [N, 3, H, W]: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). One channel stays as it
// is; Error for any other number.
Tensor grey_images(const Tensor& images);

}  // namespace hourglass::internal

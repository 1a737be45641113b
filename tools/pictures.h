#pragma once

#include "tensor/tensor.h"

namespace hourglass::tools {

// Images [N, C, H, W] of one or three channels, u8 or in [0, 1], as sheets and files of pictures
// have them: u8 [N, H, W] or [N, H, W, 3]. Of another number of channels the first is shown.
Tensor pictures(const Tensor& images);

}  // namespace hourglass::tools

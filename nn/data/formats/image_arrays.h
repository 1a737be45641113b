#pragma once

#include <string>

#include "nn/data/read_options.h"
#include "tensor/files/numbers.h"

namespace hourglass::internal {

// [N, H, W], or [N, C, H, W] or [N, H, W, C] by the options or where only one of them has 1 or 3
// channels, as images [N, C, H, W]. Integers in [0, 255] become u8, others of u16 f32 by 65535,
// truth values black and white, u8 0 and 255; real numbers stay as they are, with their range as a note. Real ones that look
// like pictures in 0..255 are refused unless the options allow any range.
nn::RawData from_image_array(const std::string& path, const nn::Rows& array, Stored stored,
                             const nn::ReadOptions& options);

}  // namespace hourglass::internal

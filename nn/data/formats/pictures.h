#pragma once

#include <vector>

#include "nn/data/formats/file_groups.h"

namespace hourglass::internal {

// Pictures of one size, or brought to one, as [N, C, H, W]: u8, or f32 in [0, 1] where one of them
// has 16 bits; of one channel where all are grey.
nn::RawData read_pictures(const std::vector<FileGroup>& groups, const nn::ReadOptions& options);

}  // namespace hourglass::internal

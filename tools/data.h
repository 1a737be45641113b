#pragma once

#include <cstdint>
#include <string>

#include "nn/data/data_set.h"

namespace hourglass::tools {

// The data of --data: a folder of IDX files or PNG images, or the built-in digits where the path is
// empty; with a pad, images in the middle of so many pixels a side.
nn::RawData load_data(const std::string& path, std::int64_t pad = 0);

}  // namespace hourglass::tools

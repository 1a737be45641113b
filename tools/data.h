#pragma once

#include <string>

#include "nn/images.h"

namespace hourglass::tools {

// The data of --data: a folder of IDX files, or the built-in digits where the path is empty.
nn::ImageData load_data(const std::string& path);

}  // namespace hourglass::tools

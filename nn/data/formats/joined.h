#pragma once

#include <string>
#include <vector>

#include "nn/data/data_set.h"

namespace hourglass::internal {

// One after the other. Throws FileError naming the path whose examples are of another kind or size
// than those of the first, or whose columns have other names.
nn::RawData joined(std::vector<nn::RawData> parts, const std::vector<std::string>& paths);

// The same of a training part and a test part, which stay apart.
nn::RawData with_test(nn::RawData train, const nn::RawData& test,
                      const std::vector<std::string>& paths);

}  // namespace hourglass::internal

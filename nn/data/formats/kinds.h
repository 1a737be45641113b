#pragma once

#include <string>

#include "nn/data/data_set.h"

namespace hourglass::internal {

// The examples as another kind: rows, activations and counts are each other's, images are rows once
// they are flat. Throws FileError where they cannot be.
void become(nn::RawData& data, nn::DataKind kind, const std::string& path);

}  // namespace hourglass::internal

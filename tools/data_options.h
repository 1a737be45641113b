#pragma once

#include <cstdint>
#include <vector>

#include "nn/data/read_options.h"
#include "tensor/fields.h"

namespace hourglass::tools {

// How data are read and cut into examples.
struct DataOptions {
  nn::ReadOptions read;
  std::int64_t pad = 0;     // images in the middle of so many pixels a side; 0: as they are
  std::int64_t window = 0;  // time steps of an example of a series; 0: no windows
  std::int64_t stride = 1;  // from one window to the next
};

// As a table: the options of a command, and what config.json says of how its data were read.
const std::vector<Field<DataOptions>>& data_fields();

}  // namespace hourglass::tools

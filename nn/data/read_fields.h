#pragma once

#include <vector>

#include "nn/data/read_options.h"
#include "tensor/fields.h"

namespace hourglass::nn {

// ReadOptions as a table: the options of a command line, and what a run folder says of how its data
// were read, follow from it. The schema, which the data have and nobody writes, is not in it.
const std::vector<Field<ReadOptions>>& read_fields();

}  // namespace hourglass::nn

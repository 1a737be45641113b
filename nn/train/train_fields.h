#pragma once

#include <vector>

#include "nn/train/train_options.h"
#include "tensor/fields.h"

namespace hourglass::nn {

// TrainOptions as a table: a run folder's config.json, the options of a command line and what
// check() refuses follow from it. Options are laid over one in this order.
const std::vector<Field<TrainOptions>>& train_fields();

void check(const TrainOptions& options);  // Error naming the option

}  // namespace hourglass::nn

#pragma once

#include <vector>

#include "nn/train/train_options.h"
#include "tensor/fields.h"

namespace hourglass::nn {

// TrainOptions as a table: what a run folder's config.json says of a training follows from it. What
// it may hold is checked by check().
const std::vector<Field<TrainOptions>>& train_fields();

}  // namespace hourglass::nn

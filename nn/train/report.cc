#include "nn/train/report.h"

#include <fmt/core.h>

#include "tensor/error.h"

namespace hourglass::nn {

void check_trained(const TrainResult& result) {
  if (result.outcome != Outcome::kDiverged) return;
  throw Error(fmt::format("train: {}: the weights are those of the last good step", result.reason));
}

}  // namespace hourglass::nn

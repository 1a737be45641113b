#pragma once

#include <vector>

#include "autograd/compile/program.h"
#include "autograd/ops/step.h"
#include "nn/train/objective.h"
#include "nn/train/train_options.h"

namespace hourglass::tools {

// A training step as it is compiled: the loss, its gradient, the update of the parameters.
struct StepGraph {
  Step step;
  nn::Objective objective;
  std::vector<Var> parameters;
};

// Where the time of such a step goes, on this batch; the parameters move.
Profile profile_step(StepGraph graph, const nn::TrainOptions& options, const nn::Batch& inputs,
                     const std::vector<Tensor>& batch, int runs = 15);

}  // namespace hourglass::tools

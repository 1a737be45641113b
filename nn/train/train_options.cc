#include "nn/train/train_options.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/compile/memory.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

void check_in(DType dtype, const TrainOptions& options) {
  const auto becomes = [&](double value, double rounded) {
    return value != rounded && Tensor::scalar(value, dtype).item() == rounded;
  };
  const auto refuse = [&](const char* name, double value, int rounded) {
    throw Error(fmt::format("{}: is {} in {}, the model's dtype: got {}", name, rounded,
                            name_of(dtype), value));
  };
  const AdamOptions& adam = options.optimizer.adam;
  for (const auto& [name, value] : {std::pair{"lr", options.learning_rate},
                                    {"clip-norm", options.clip_norm},
                                    {"weight-decay", adam.weight_decay},
                                    {"l2", adam.l2}}) {
    if (becomes(value, 0)) refuse(name, value, 0);
  }
  for (const auto& [name, value] : {std::pair{"average", options.average},
                                    {"momentum", options.optimizer.momentum},
                                    {"beta1", adam.beta1},
                                    {"beta2", adam.beta2}}) {
    if (becomes(value, 1)) refuse(name, value, 1);
  }
}

void check_training_memory(const std::vector<Var>& parameters, const TrainOptions& options) {
  const int moments = Optimizer(options.optimizer).state_per_parameter();
  const int state = moments + (options.average > 0 ? 1 : 0);
  const int snapshots = 2 + (options.keep_best ? 1 : 0);
  const bool made = std::all_of(parameters.begin(), parameters.end(), is_parameter);
  check_copies_fit("train", "weights, gradients, optimiser state and snapshots", parameters,
                   (1 + state) * (1 + snapshots) - (made ? 1 : 0));
}

}  // namespace hourglass::nn

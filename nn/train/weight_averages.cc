#include "nn/train/weight_averages.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {

WeightAverages::WeightAverages(const std::vector<Var>& parameters, double decay)
    : parameters_(parameters), decay_(decay) {
  if (!(decay > 0 && decay < 1)) {
    throw Error(fmt::format("average: the decay must be above 0 and below 1: got {}", decay));
  }
  for (const Var& p : parameters) {
    averages_.push_back(parameter(p.tensor()).named(p.label() + ".average"));
  }
}

void WeightAverages::update(Step& step) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto found = std::find_if(step.updates.begin(), step.updates.end(), [&](const Update& u) {
      return u.parameter.same(parameters_[i]);
    });
    if (found == step.updates.end()) {
      throw Error(fmt::format("average: {} is not updated", parameters_[i].label()));
    }
    const Var next = found->value;  // the step's list grows, and may move
    step.update(averages_[i], decay_ * averages_[i] + (1 - decay_) * next);
  }
}

void WeightAverages::swap() const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor held = parameters_[i].tensor().clone();
    parameters_[i].assign(averages_[i].tensor());
    averages_[i].assign(held);
  }
}

}  // namespace hourglass::nn

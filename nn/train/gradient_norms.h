#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "nn/train/objective.h"

namespace hourglass::nn {

// The length of the gradient of each term of an objective as it is weighted now, over all
// parameters, on a batch that stays the same: which term pulls, and how hard. A term that is never
// used, or not connected, has 0. Compiled once; reads the parameters as they are when asked.
class GradientNorms {
 public:
  // `batch`: the tensors of one batch. `seed` is the training's: the noise is that of its first
  // step.
  GradientNorms(const ObjectiveFunction& objective, const std::vector<Var>& parameters,
                std::vector<Tensor> batch, std::uint64_t seed);

  // After so many updates: what a term that is warmed up weighs by now.
  std::vector<NamedValue> at(std::int64_t updates = 0);

 private:
  std::vector<Tensor> batch_;
  std::vector<std::string> names_;
  Step counter_;
  Program program_;
};

}  // namespace hourglass::nn

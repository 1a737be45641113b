#pragma once

#include <string>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::nn {

// In training each element is 0 with the probability and otherwise x / (1 - probability), drawn
// afresh in each step; else x: Srivastava et al., "Dropout: a simple way to prevent neural networks
// from overfitting", 2014. Its draws are named after where it stands (Step::stream): two of one
// name in one LabelScope throw Error, as does a second call in a step.
struct Dropout {
  double probability = 0.5;
  std::string name = "dropout";

  Var operator()(const Var& x, Step& step) const;
};
// Throws Error unless 0 <= probability < 1.
Dropout make_dropout(double probability, std::string name = "dropout");

}  // namespace hourglass::nn

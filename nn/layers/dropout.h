#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "nn/layers/init.h"

namespace hourglass::nn {

// In training each element is 0 with the probability and otherwise x / (1 - probability), drawn
// afresh in each step; else x: Srivastava et al., "Dropout: a simple way to prevent neural networks
// from overfitting", 2014. Used once a step: a second call would draw the same.
struct Dropout {
  double probability = 0.5;
  std::int64_t stream = 0;  // of its draws

  Var operator()(const Var& x, const Step& step) const;
};
// With draws of its own. Throws Error unless 0 <= probability < 1.
Dropout make_dropout(double probability, InitSource& source);

}  // namespace hourglass::nn

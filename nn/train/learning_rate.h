#pragma once

#include "autograd/graph/var.h"

namespace hourglass::nn {

// What an optimiser multiplies its steps by: a number, or a real scalar Var, such as a leaf that a
// trainer sets or a schedule computed from the step.
class LearningRate {
 public:
  LearningRate(double value);      // throws Error unless it is finite
  LearningRate(const Var& value);  // throws Error unless it is a real scalar

  Var in(DType dtype) const;  // as a scalar of that dtype

 private:
  double number_ = 0;
  Var var_;  // undefined for a number
};

}  // namespace hourglass::nn

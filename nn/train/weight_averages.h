#pragma once

#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::nn {

// Exponential moving averages of parameters, which are often better than the last values: from the
// value at the start, average' = decay average + (1 - decay) p' in each step. Izmailov et al.,
// "Averaging weights leads to wider optima and better generalization", 2018, average them with
// equal weights; the exponential form is PyTorch's get_ema_multi_avg_fn.
class WeightAverages {
 public:
  // Throws Error unless 0 < decay < 1.
  WeightAverages(const std::vector<Var>& parameters, double decay);

  // Appends the averages' updates; the step has those of the parameters already, else Error.
  void update(Step& step) const;
  // Exchanges the numbers of parameters and averages.
  void swap() const;

 private:
  std::vector<Var> parameters_, averages_;
  double decay_;
};

}  // namespace hourglass::nn

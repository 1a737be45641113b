#pragma once

#include <vector>

#include "autograd/step.h"
#include "autograd/var.h"

namespace hourglass::nn {

// Optimisers are graph code: given parameters, their gradients, a learning rate (any real scalar
// Var: a leaf that the trainer sets, or a schedule computed from the step) and the step, they
// append {param, new value} and the updates of their own state to `step.updates`. State is made at
// the first call and kept, so that programs for several batch sizes share it.

// v' = momentum v + g; p' = p - lr v'. Without momentum p' = p - lr g. PyTorch's SGD.
class Sgd {
 public:
  explicit Sgd(double momentum = 0) : momentum_(momentum) {}
  void update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
              const Var& learning_rate);
  const std::vector<Var>& state() const { return velocity_; }

 private:
  double momentum_;
  std::vector<Var> velocity_;
};

// Adam (Kingma & Ba 2015, algorithm 1) and AdamW (Loshchilov & Hutter 2019) where weight_decay > 0:
//   m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2,
//   p' = p - lr (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon) - lr weight_decay p
struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};
class Adam {
 public:
  explicit Adam(AdamOptions options = {}) : options_(options) {}
  void update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
              const Var& learning_rate);
  // First moments, then second moments, in the order of the parameters.
  std::vector<Var> state() const;

 private:
  AdamOptions options_;
  std::vector<Var> first_, second_;
};

}  // namespace hourglass::nn

#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "nn/train/constraints.h"
#include "nn/train/learning_rate.h"
#include "tensor/fields.h"

namespace hourglass::nn {

// Optimisers are graph code: given parameters, their gradients, a learning rate (a number, or a
// Var) and the step, they record the new values of the parameters and of their own state in the
// step. State is made at the first call and kept, so that programs for several batch sizes share
// it. update() throws Error unless there is one gradient a parameter, of its shape and dtype, and
// where its state is of other parameters than these. Each says of how many tensors a parameter the
// state is, all of the parameter's type.

// What is kept beside each parameter.
struct OptimizerState {
  std::vector<Var> parameters, values;
};

// v' = momentum v + g; p' = p - lr v'. Without momentum p' = p - lr g. PyTorch's SGD. An l2 adds
// l2 p to each gradient first, which is the gradient of l2 / 2 times the sum of squares.
class Sgd {
 public:
  explicit Sgd(double momentum = 0, double l2 = 0);  // throws Error as check() does
  void update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
              const LearningRate& learning_rate);
  const std::vector<Var>& state() const { return velocity_.values; }
  int state_per_parameter() const { return momentum_ != 0 ? 1 : 0; }

 private:
  double momentum_;
  double l2_;
  OptimizerState velocity_;
};

// Adam (Kingma & Ba 2015, algorithm 1) and AdamW (Loshchilov & Hutter 2019) where weight_decay > 0:
//   m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2,
//   p' = p - lr (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon) - lr weight_decay p
// An l2 adds l2 p to each gradient first: what PyTorch's Adam calls weight_decay, and not the same.
struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  double l2 = 0;
};
class Adam {
 public:
  explicit Adam(const AdamOptions& options = {});  // throws Error as check() does
  void update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
              const LearningRate& learning_rate);
  // First moments, then second moments, in the order of the parameters.
  std::vector<Var> state() const;
  int state_per_parameter() const { return 2; }

 private:
  AdamOptions options_;
  OptimizerState first_, second_;
};

// Either of them, chosen at run time.
enum class Method : std::uint8_t { kAdam, kSgd };
const EnumNames<Method>& names_of(Method);  // "adam", "sgd"
using hourglass::name_of;

struct OptimizerOptions {
  Method method = Method::kAdam;
  AdamOptions adam = {};  // its l2 counts for SGD too; its weight_decay is Adam's alone
  double momentum = 0;    // of SGD
  std::vector<Constraint> constraints = {};  // what parameters are held to after each update
};
// As a table, for what files and command lines say; betas and epsilon are a program's to set.
const std::vector<Field<OptimizerOptions>>& optimizer_fields();

// Throws Error naming the option: a decay, l2 or epsilon below 0, a momentum or beta outside [0, 1),
// what the other method has.
void check(const OptimizerOptions& options);

class Optimizer {
 public:
  // Throws Error where check(options) does.
  explicit Optimizer(const OptimizerOptions& options = {});
  void update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
              const LearningRate& learning_rate);
  std::vector<Var> state() const;
  int state_per_parameter() const;

 private:
  std::variant<Adam, Sgd> chosen_;
  std::vector<Constraint> constraints_;
};

}  // namespace hourglass::nn

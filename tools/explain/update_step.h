#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "nn/train/optimizers.h"
#include "tools/explain/explained.h"

namespace hourglass::tools {

// What an optimiser makes of a parameter in one step: "weight", "gradient", what the optimiser
// itself names on the way, "change", "new weight".
struct ParameterStep {
  std::string parameter;
  std::vector<std::pair<std::string, Tensor>> numbers;
};

// One step on one batch, computed node by node: the loss before it, and after it on the same batch.
struct StepNumbers {
  std::int64_t number = 1;
  double rate = 0;
  double before = 0, after = 0;
  std::vector<ParameterStep> parameters;
};

// Takes steps of a model's training: its parameters move. Moments and the step's number begin as the
// run's checkpoint has them, or at zero. The rate is the schedule's at each; beyond the run's end
// that of its last step.
class Stepper {
 public:
  explicit Stepper(Explained& e);
  std::int64_t number() const;  // of the next step, from 1
  StepNumbers next();

 private:
  struct Of {
    Var parameter;
    std::vector<std::pair<std::string, Var>> named;  // what is computed for it in a step
  };
  void begin(const nn::Optimizer& optimizer) const;
  double rate() const;  // of the next step
  void make_updates(const std::vector<Tensor>& values);

  const Explained& e_;
  Var rate_;
  std::vector<Of> parameters_;
  std::vector<Var> wanted_;  // the loss, what is named, the new values
};
std::vector<StepNumbers> take_steps(Explained& e, int count);

// A table a parameter, a column a step; of large tensors the norms.
std::string steps_text(const std::vector<StepNumbers>& steps, const Explained& e, int digits);

// The norm of each term's gradient by each parameter, a row each: 0 where a term does not reach it.
std::string norms_text(Explained& e, int digits);

}  // namespace hourglass::tools

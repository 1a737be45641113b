#pragma once

#include <optional>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "nn/train/objective.h"
#include "nn/train/train_options.h"
#include "nn/train/weight_averages.h"

namespace hourglass::nn {

// A loss and the parameters that lower it. Several players, as in a game, step one after the other
// within a training step, each with an optimiser and a program of its own, each reading what those
// before it have written.
struct Player {
  ObjectiveFunction objective;
  std::vector<Var> parameters;
  std::optional<double> beta1 = {};  // Adam's, where it is not to be that of the options
};

// A player's training step, compiled by the shapes of batches: forward, backward and update in one
// program. Internal to the trainer.
class PlayerStep {
 public:
  // `rate` is the learning rate: a scalar parameter that the trainer sets. The options must outlive
  // this.
  PlayerStep(Player player, const TrainOptions& options, const Var& rate);

  // Loss, then terms, then parts.
  const std::vector<Tensor>& run(const std::vector<Tensor>& batch) { return programs_.run(batch); }
  // Where a step of this batch first turns non-finite, in the order of computing, once run() has
  // said that it does and the parameters are again those ahead of it.
  struct Origin {
    bool in_gradient = false;
    std::string node;  // see trace_non_finite; empty: nothing was found
  };
  Origin trace(const std::vector<Tensor>& batch);

  // The terms, without values.
  const std::vector<NamedValue>& terms() const { return terms_; }

  // Exchanges parameters and their averages, where the options ask for those.
  void swap_averages() const;

  // Everything that a step changes, which a snapshot holds. Builds the step for a batch like this.
  std::vector<Var> state(const std::vector<Tensor>& batch);

 private:
  // A step as a graph, which records its updates.
  struct Recorded {
    Step step;
    Objective objective;
    std::vector<Var> gradients;  // as the loss has them, not clipped
  };
  Recorded record(const Batch& batch);
  Graph graph(const Batch& batch);

  Player player_;
  const TrainOptions& options_;
  Var rate_;
  Optimizer optimizer_;
  std::optional<WeightAverages> averages_;
  Step counter_;
  ProgramByShape programs_;
  std::vector<NamedValue> terms_;
};

// The gradients, scaled so that together they are no longer than `norm`: g min(1, norm / |g|), |g|
// the root of the sum of all squares. Throws Error unless norm > 0.
std::vector<Var> clip_by_norm(const std::vector<Var>& gradients, double norm);

}  // namespace hourglass::nn

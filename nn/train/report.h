#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "nn/train/objective.h"

namespace hourglass::nn {

// What happened so far, for a progress bar: called after each step.
struct StepReport {
  int epoch = 0, epochs = 0;         // the current epoch, from 1
  std::int64_t step = 0, steps = 0;  // within the epoch, from 1
  std::int64_t examples = 0;         // seen in this epoch
  double seconds = 0;                // since the epoch began
  double loss = 0;                   // of this step's batch
};

// Means over the examples of an epoch, as trained.
struct EpochReport {
  int epoch = 0;
  double loss = 0;                // of the first player
  std::vector<NamedValue> terms;  // of all players
  std::vector<NamedValue> parts;  // what each term of the first player added to the loss, with its
                                  // weight: their sum is the loss
  double seconds = 0;             // of training; judging not counted
  std::optional<double> judged;   // what TrainCallbacks::judge said
};

struct TrainState;

struct TrainCallbacks {
  std::function<bool(const StepReport&)> on_step = {};  // false: stop after this step
  std::function<void(const EpochReport&)> on_epoch =
      {};  // also for an epoch that was stopped halfway
  // How good the parameters are now, lower is better (NaN and inf never are): asked after each
  // whole epoch, before on_epoch. A validation error, say: choices are not made on test images.
  std::function<double(const EpochReport&)> judge = {};
  // Where training stands, after each epoch that ended, on_epoch included, and after the step at
  // which it was stopped, ahead of on_epoch: train() goes on from it to the same bits.
  std::function<void(const TrainState&)> checkpoint = {};
};

// kEarly: no better epoch for as long as the patience.
enum class Outcome : std::uint8_t { kDone, kEarly, kStopped, kDiverged };
struct [[nodiscard]] TrainResult {
  Outcome outcome = Outcome::kDone;
  std::int64_t steps = 0;  // updates that were kept
  std::string reason;      // of a divergence: "loss term mse is not finite at step 12 (epoch 1)"
  int best_epoch = 0;      // the one judged best; 0 where none was, or none below inf
  double best = std::numeric_limits<double>::infinity();
};

// Throws Error with the reason where training diverged: `check_trained(train(...))` where nothing
// else is done about it.
void check_trained(const TrainResult& result);

}  // namespace hourglass::nn

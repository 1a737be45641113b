#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ae/model/objective.h"
#include "autograd/compile/program.h"
#include "nn/train/optimizers.h"

namespace hourglass::ae {

enum class Schedule : std::uint8_t {
  kConstant,
  kCosine,  // from learning_rate to 0 at the last step
  kStep     // times decay after every decay_epochs epochs
};
std::string_view name_of(Schedule schedule);
Schedule schedule_named(std::string_view name);

struct TrainOptions {
  int epochs = 10;
  std::int64_t batch = 128;
  double learning_rate = 1e-3;
  Schedule schedule = Schedule::kConstant;
  double decay = 0.1;  // of the step schedule
  int decay_epochs = 10;
  nn::OptimizerOptions optimizer = {};
  std::uint64_t seed = 0;  // of the order of examples and of the noise in the graph
  int threads = 0;         // 0: all cores
  // Both need TrainCallbacks::judge. The parameters of the epoch that was judged best are kept, not
  // the last ones; with a patience, training ends after that many epochs in a row without a better
  // one (0: it goes on).
  bool keep_best = false;
  int patience = 0;
};
void check(const TrainOptions& options);  // Error naming the option

// What happened so far, for a progress bar: called after each step.
struct StepReport {
  int epoch = 0, epochs = 0;         // the current epoch, from 1
  std::int64_t step = 0, steps = 0;  // within the epoch, from 1
  std::int64_t examples = 0;         // seen in this epoch
  double seconds = 0;                // since the epoch began
  double loss = 0;                   // of this step's batch
};

struct NamedValue {
  std::string name;
  double value = 0;
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

struct TrainCallbacks {
  std::function<bool(const StepReport&)> on_step = {};  // false: stop after this step
  std::function<void(const EpochReport&)> on_epoch =
      {};  // also for an epoch that was stopped halfway
  // How good the parameters are now, lower is better: asked after each whole epoch, before
  // on_epoch. A validation error, say: choices are not made on test images.
  std::function<double(const EpochReport&)> judge = {};
};

// kEarly: no better epoch for as long as the patience.
enum class Outcome : std::uint8_t { kDone, kEarly, kStopped, kDiverged };
struct TrainResult {
  Outcome outcome = Outcome::kDone;
  std::int64_t steps = 0;  // updates that were kept
  std::string reason;      // of a divergence: "loss term mse is not finite at step 12 (epoch 1)"
  int best_epoch = 0;      // the one judged best; 0 where none was judged
  double best = 0;
};

// The objective of a batch of stored images [B, D] (u8 or f32) and labels as graph code.
using ObjectiveFunction = std::function<Objective(const Batch& batch, Step& step)>;

// What is learnt from: images [N, D], u8 or f32, and labels, i32 [N], or none.
struct Examples {
  Tensor images;
  Tensor labels = {};
};

// A loss and the parameters that lower it. Several players take turns within a step, each with an
// optimiser and a program of its own, each reading what those before it have written.
struct Player {
  ObjectiveFunction objective;
  std::vector<Var> parameters;
  std::optional<double> beta1 = {};  // Adam's, where it is not to be that of the options
};

// Throws Error, naming the largest weights, unless what training keeps fits in the memory that the
// machine has left: the weights themselves where they are not made yet (inputs stand for them, see
// measured_parameters), the optimiser's state, the snapshots and the largest gradient. train() asks
// this; a program may ask it ahead of all work. What a step needs besides is refused by compile.
void check_training_memory(const std::vector<Var>& parameters, const TrainOptions& options);

// Trains, each epoch in an order drawn from (seed, epoch). The parameters are changed in
// place. Reports have the loss of the first player and the terms of all. When a loss term or a new
// weight turns out not finite, training stops and the parameters are those of the last step whose
// loss was finite: they are restored from the snapshot at the epoch's start and the steps since
// then are run again, which gives the same bits.
TrainResult train(const std::vector<Player>& players, const Examples& examples,
                  const TrainOptions& options, const TrainCallbacks& callbacks = {});

// The same with one player and no labels.
TrainResult train(const ObjectiveFunction& objective, const std::vector<Var>& parameters,
                  const Tensor& images, const TrainOptions& options,
                  const TrainCallbacks& callbacks = {});

}  // namespace hourglass::ae

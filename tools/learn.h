#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nn/data/split.h"
#include "nn/layers/visit.h"
#include "tools/checkpoint.h"
#include "tools/interrupt.h"
#include "tools/run_folder.h"
#include "tools/train_options.h"

namespace hourglass::tools {

// A run being made.
struct Run {
  ae::Autoencoder model;
  RunConfig config;
  nn::TrainResult result;
  std::vector<nn::NamedValue> test;     // the test set's metrics, once the run is written
  std::vector<nn::NamedValue> figures;  // and what the objective says of it
  int epochs = 0;
  std::string doubt;  // in a few words, why what was learnt may be worth nothing; empty: none
};

// What is told while a run learns: the lines of its two journals, and where it stands (the layer as
// Checkpoint has it). `go_on` is asked after each step.
struct LearnCallbacks {
  std::function<void(const Json&line)> metrics = {}, timing = {};
  std::function<void(int layer, const nn::TrainState& state)> checkpoint = {};
  std::function<bool()> go_on = [] { return !interrupted(); };
  std::function<void(int epoch)> ended = {};  // of the whole model
};

// Trains (or solves) run.model as run.config says, with progress on the terminal, from the beginning
// or from a checkpoint; Ctrl-C, where there is an InterruptScope, stops after the step (as SIGTERM
// and SIGHUP do). A training that ends with a dead code, or with a loss that is not below that of
// its start, says so.
void learn(Run& run, const nn::DataParts& data, const LearnCallbacks& callbacks,
           const Checkpoint* from = nullptr);

// The parts of a data set, by number.
enum Part : std::uint32_t { kTrain, kValidation, kTest };

// Examples as a model learns from them: where it wants them black and white for good, drawn from
// its seed.
nn::DataSet as_learnt(const RunConfig& config, const nn::DataSet& data, Part part);

// What the model's own objective says of examples as they are, without noise: "loss", its terms
// where there are several, and of a Gaussian code under a likelihood "elbo", the bound on log p(x);
// its reconstruction error is that of drawn codes, "expected_bce_per_image", not of their means.
// Named for the kind.
std::vector<nn::NamedValue> objective_figures(const RunConfig& config,
                                              const nn::ObjectiveMeans& means);

// A line of metrics.jsonl on the test part, and run.test and run.figures.
Json judge_by_test(Run& run, const nn::DataSet& test);

}  // namespace hourglass::tools

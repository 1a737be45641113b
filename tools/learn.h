#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nn/data/split.h"
#include "tensor/files/new_folder.h"
#include "tools/run_folder.h"
#include "tools/train_options.h"

namespace hourglass::tools {

// A run being made: what is learnt, and the lines of its two journals.
struct Run {
  ae::Autoencoder model;
  RunConfig config;
  nn::TrainResult result;
  std::string metrics, timing;
  std::vector<nn::NamedValue> test;     // the test set's metrics, once the run is written
  std::vector<nn::NamedValue> figures;  // and what the objective says of it
  int epochs = 0;
  std::string doubt;  // in a few words, why what was learnt may be worth nothing; empty: none
};

// Trains (or solves) run.model as run.config says, with progress on the terminal; Ctrl-C, where
// there is an InterruptScope, stops after the step (as SIGTERM and SIGHUP do). A training that ends
// with a dead code, or with a loss that is not below that of its start, says so. Without diagnostics
// no epoch ends with a look at them. `ended` is told of each epoch.
void learn(Run& run, const nn::DataParts& data, bool no_diagnostics,
           const std::function<void(int epoch)>& ended);

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

// What a run folder begins with: config.json, whose outcome is that of a training under way.
void write_config(const std::string& folder, const RunConfig& config);

// All files of a run folder. Once the weights are written the folder is kept, whatever follows.
void write_run(internal::NewFolder& folder, Run& run, const nn::DataSet& test);

}  // namespace hourglass::tools

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "autograd/graph/evaluate.h"
#include "nn/train/objective.h"
#include "nn/train/schedule.h"
#include "nn/train/train_options.h"
#include "tensor/files/named_tensor.h"
#include "tools/model_options.h"

namespace hourglass::tools {

struct ExplainArguments {
  std::string model;
  ModelOptions shape;
  std::optional<std::int64_t> width;  // nothing: 784, or a run's own
  std::int64_t batch = 32;
  std::uint64_t seed = 0;
  bool backward = false, second = false, plan = false, every_node = false;
  bool step = false, norms = false, numbers = false, html = false, unsimplified = false;
  std::optional<int> steps;  // nothing: 3
  std::string term, dot, svg, output;
  int digits = 5;
  std::vector<double> pixels;  // of the examples, for a graph with numbers
};

// A model's loss on a batch.
struct Explained {
  ae::Autoencoder model;
  Var batch, labels;
  std::vector<Feed> feeds;  // where numbers are wanted
  nn::Objective objective;
  nn::TrainOptions options;  // a run's own, or the usual ones
  Step step;
  // What the steps of a run go on from, by name: its checkpoint's step and moments. Without: from 0.
  std::vector<NamedTensor> stands_at;
  nn::TrainingPlace place;  // where a run's schedule stands, but for the number of the step
  std::string begins;       // the same in words, of a run
};

// Of a catalogue's model with fresh weights, or of a run. Graphs are fed with --input's numbers, or,
// where others are wanted, with the first examples of the run's test part, or of the built-in
// digits. Throws Error where the arguments do not fit.
Explained explained(const ExplainArguments& arguments, bool wants_numbers);

// Examples that nothing is known of.
Tensor random_examples(const Var& batch);

// The loss, or one of the terms that it is made of. Throws Error where there is none of the name.
Var chosen_term(const nn::Objective& objective, const std::string& term);

}  // namespace hourglass::tools

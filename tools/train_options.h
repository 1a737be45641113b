#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/images.h"
#include "nn/train/train_options.h"
#include "tools/command_line.h"

namespace hourglass::tools {

// The options of `train` that say how a model learns.
struct TrainingArguments {
  std::optional<Command> command;  // which knows what was given
  nn::TrainOptions options;        // what the text below does not say
  std::optional<int> epochs;
  std::optional<Option> epochs_option, schedule_option;  // whose defaults are the model's
  std::optional<int> pretrain;
  std::optional<std::string> schedule;
  std::optional<std::string> optimizer;
  std::optional<int> threads;
  bool portable_bits = true;               // see kernels::PortableBits
  std::optional<std::int64_t> validation;  // how many training images are held out
  std::optional<std::int64_t> images;      // how many are learnt from
  bool no_diagnostics = false;             // none at the end of an epoch
};
void add_training_options(const Command& command, TrainingArguments& arguments);
void add_split_options(const Command& command, TrainingArguments& arguments);  // of split_training

// All of it; what is not given is the model's default.
nn::TrainOptions train_options(const TrainingArguments& arguments, int default_epochs,
                               nn::Schedule default_schedule);

// Whether an epoch is to be judged: a choice among epochs, or a schedule that asks.
bool needs_judging(const TrainingArguments& arguments);

// Throws Error where an option of training by steps was given for a model that is solved.
void refuse_steps(const TrainingArguments& arguments, const std::string& model);

// Holds part of the training set out as a validation set: as many images as asked for, or where the
// epoch is to be chosen and nothing was said, 10,000 or a sixth of a small set; then cuts the rest
// to `images`. Both are drawn from the seed and have every class, as far as there are labels, in
// the proportions of the whole: to learn from at least one image of each class, where there is room
// for that. An empty validation set has no tensor. Throws Error where too few are left.
struct TrainingSets {
  nn::Images train, validation;
};
TrainingSets split_training(const nn::Images& all, const TrainingArguments& arguments,
                            bool choosing);

// The labels that images of the data have, of either set, and none of `some` has, ascending.
std::vector<std::int32_t> missing_classes(const nn::ImageData& data, const nn::Images& some);

}  // namespace hourglass::tools

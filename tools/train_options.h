#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/split.h"
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
  std::vector<std::int64_t> split;         // percent of each part; empty: as usual
  bool no_diagnostics = false;             // none at the end of an epoch
};
void add_training_options(const Command& command, TrainingArguments& arguments);
void add_split_options(const Command& command, TrainingArguments& arguments);  // of split_options

// All of it; what is not given is the model's default.
nn::TrainOptions train_options(const TrainingArguments& arguments, int default_epochs,
                               nn::Schedule default_schedule);

// Whether an epoch is to be judged: a choice among epochs, or a schedule that asks.
bool needs_judging(const TrainingArguments& arguments);

// Throws Error where an option of training by steps was given for a model that is solved.
void refuse_steps(const TrainingArguments& arguments, const std::string& model);

// Three percentages, or nothing where there are none. Throws Error for another number of them.
std::optional<std::array<std::int64_t, 3>> percentages(const std::vector<std::int64_t>& split);

// How the data are divided for such a training; `choosing`: an epoch will be chosen.
nn::SplitOptions split_options(const TrainingArguments& arguments, bool choosing);

// A line for the user that names them; empty where there are none.
std::string missing_text(const std::vector<std::int32_t>& classes);

}  // namespace hourglass::tools

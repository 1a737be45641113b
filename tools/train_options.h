#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/split.h"
#include "nn/train/train_fields.h"
#include "tools/data_options.h"
#include "tools/field_options.h"

namespace hourglass::tools {

// The options that say how a model learns: those of nn::train_fields(), and what is around it.
struct TrainingArguments {
  FieldOptions<nn::TrainOptions> fields{nn::train_fields()};
  std::optional<int> pretrain;
  std::optional<int> threads;
  bool portable_bits = true;               // see kernels::PortableBits
  std::optional<std::int64_t> validation;  // how many training images are held out
  std::optional<std::int64_t> images;      // how many are learnt from
  std::vector<std::int64_t> split;         // percent of each part; empty: as usual
  bool no_diagnostics = false;             // none at the end of an epoch
  bool no_report = false;                  // neither a page nor what it shows by epoch
};
void add_training_options(const Command& command, TrainingArguments& arguments);
void add_split_options(const Command& command, TrainingArguments& arguments);  // of split_options

// In --help, what holds where an option is not given; where it is not yet known of which model,
// nothing of epochs and schedule, which are the model's.
void show_defaults(const TrainingArguments& arguments, const nn::TrainOptions& defaults,
                   bool of_a_model);

// What was given, laid over the defaults. Throws Error, naming the option, for what nn::check()
// refuses, and for an option of another schedule.
nn::TrainOptions train_options(const TrainingArguments& arguments, nn::TrainOptions defaults);

// Whether an epoch is to be judged: a choice among epochs, or a schedule that asks.
bool needs_judging(const nn::TrainOptions& options);

// Throws Error where an option of training by steps was given for a model that is solved.
void refuse_steps(const TrainingArguments& arguments, const std::string& model);

// Three percentages, or nothing where there are none. Throws Error for another number of them.
std::optional<std::array<std::int64_t, 3>> percentages(const std::vector<std::int64_t>& split);

// How the data are divided for such a training.
nn::SplitOptions split_options(const TrainingArguments& arguments, const nn::TrainOptions& options,
                               const DataOptions& reading);

// A line for the user that names classes of the data; empty where there are none.
std::string missing_text(const std::vector<std::int32_t>& classes, const nn::DataSet& data);

}  // namespace hourglass::tools

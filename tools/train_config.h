#pragma once

#include <optional>
#include <string>

#include "nn/data/split.h"
#include "tools/catalogue.h"
#include "tools/data_options.h"
#include "tools/field_options.h"
#include "tools/model_options.h"
#include "tools/run_folder.h"
#include "tools/train_options.h"

namespace hourglass::tools {

// What `train` is told.
struct TrainArguments {
  std::string model;
  std::string data;
  std::string out;
  std::string resume, init;       // run folders; empty: none
  std::string repeat;             // a run's config.json
  std::optional<int> save_every;  // see SaveEvery
  bool force = false, dry_run = false;
  int seeds = 1;
  FieldOptions<DataOptions> reading{data_fields()};
  std::optional<Option> out_option;
  ModelOptions shape;
  TrainingArguments training;
};

// A model's defaults, ahead of any data.
nn::TrainOptions default_options(const ModelEntry& entry);

// The same with what was given laid over them. Throws Error where a model that is solved is given
// options of training.
nn::TrainOptions options_of(const TrainingArguments& arguments, const ModelEntry& entry);

// Sets what was left open by the training examples: the batch, and the epochs of a small table.
void fit_options(const TrainArguments& arguments, const ModelEntry& entry, const nn::DataSet& train,
                 nn::TrainOptions& options);

// How the data are read.
DataOptions reading_of(const TrainArguments& arguments);

// What the run's config.json says ahead of training. Throws Error where model, options and data do
// not go together.
RunConfig make_config(const TrainArguments& arguments, const ModelEntry& entry,
                      const nn::TrainOptions& options, const DataOptions& reading,
                      const nn::RawData& data, const nn::DataParts& parts);

// What computes here and now.
void set_computed_by(RunConfig& config);

// What the kind of the data chose, in one line; of images, which presets are made for, nothing.
std::string taken_text(const ae::Spec& spec, nn::DataKind kind);

}  // namespace hourglass::tools

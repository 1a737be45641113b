#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ae/model/fit_to.h"
#include "ae/model/train.h"
#include "tools/model_options.h"

namespace hourglass::tools {

// A model that `train` knows by name.
struct ModelEntry {
  std::string name;
  std::string summary;
  ae::Spec (*spec)();   // for images of 28 by 28
  bool trained = true;  // by gradient steps; PCA is solved
  std::int64_t default_epochs = 10;
  nn::Schedule schedule = nn::Schedule::kCosine;
  int pretrain = 0;  // epochs of each layer on its own, ahead of the whole
  // Fields of the spec that the name stands for, beside the parts that every model keeps.
  std::vector<std::string> essence = {};
  // What it is trained by: the spec's own objective, or one that no spec describes.
  nn::ObjectiveFunction (*objective)(const ae::Autoencoder& model) = ae::objective_of;
};

const std::vector<ModelEntry>& catalogue();

std::vector<std::string> model_names();
// Of that name, or null.
const ModelEntry* model_or_none(const std::string& name);
// Throws Error with the nearest name and all.
const ModelEntry& find_model(const std::string& name);
// That of a run, which may have been learnt by an objective of another program: Error saying what can
// be done with it.
const ModelEntry& model_of_run(const std::string& name);

// What the model is for such data where no option says otherwise. Throws Error, in one line, where
// it cannot be.
ae::Spec default_spec(const ModelEntry& entry, const ae::DataForm& data);

// The same with the options laid over it. Throws Error where an option does not fit the model, or
// takes away what its name means.
ae::Spec make_spec(const ModelEntry& entry, const ModelOptions& options, const ae::DataForm& data);

}  // namespace hourglass::tools

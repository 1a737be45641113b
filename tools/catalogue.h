#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ae/spec.h"
#include "ae/trainer.h"

namespace hourglass::tools {

// The options of `train` that shape a model; what is not given comes from the model's own defaults.
struct ModelOptions {
  std::optional<std::int64_t> code;
  std::optional<std::vector<std::int64_t>> hidden;
  std::optional<std::string> loss;
  std::optional<std::string> activation;
  bool tied = false;
};

// A model that `train` knows by name.
struct ModelEntry {
  std::string name;
  std::string summary;
  ae::Spec (*spec)(std::int64_t input_width);
  bool trained = true;  // by gradient steps; PCA is solved
  std::int64_t default_epochs = 10;
  ae::Schedule schedule = ae::Schedule::kCosine;
};

const std::vector<ModelEntry>& catalogue();

// Throws Error naming the nearest known name.
const ModelEntry& find_model(const std::string& name);

// The model's spec with the options laid over its defaults. Throws Error where an option does not
// fit the model.
ae::Spec make_spec(const ModelEntry& entry, const ModelOptions& options, std::int64_t input_width);

}  // namespace hourglass::tools

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ae/model/spec.h"
#include "tools/command_line.h"

namespace hourglass::tools {

// The options that shape a model: architecture, code rule and modifiers, on any model. What is not
// given comes from the model's own defaults.
struct ModelOptions {
  std::optional<std::int64_t> code;
  std::optional<std::vector<std::int64_t>> hidden;
  std::optional<std::vector<std::int64_t>> decoder;  // its hidden widths
  std::optional<std::string> loss;
  std::optional<std::string> activation;
  std::optional<std::string> code_activation;
  std::optional<std::string> init;
  std::optional<std::int64_t> top_k;
  bool gaussian = false;
  std::optional<double> beta, free_bits;
  std::optional<std::int64_t> warm_up, samples;
  std::optional<std::vector<std::int64_t>> codebook;
  std::optional<std::vector<std::int64_t>> discriminator;
  std::optional<std::int64_t> classes;
  std::optional<std::string> binarize;
  std::optional<std::vector<std::int64_t>> conv;
  bool pool = false;
  std::optional<std::string> upsampling;
  std::optional<std::array<std::int64_t, 2>> image;  // height and width, where they are known
  bool tied = false;
  std::vector<std::string> corruption;
  std::vector<std::string> penalties;

  bool any_modifier() const {
    return decoder || conv || pool || upsampling || loss || activation || code_activation || init ||
           top_k || gaussian || beta || free_bits || warm_up || samples || codebook ||
           discriminator || classes || binarize || tied || !corruption.empty() ||
           !penalties.empty();
  }
};

// The options of `train` and `explain`, by one name in both.
void add_model_options(const Command& command, ModelOptions& options);

// Lays the options over a spec: corruptions replace those that are there, a penalty replaces one of
// its own kind. Throws Error where an option is out of range.
void apply(const ModelOptions& options, ae::Spec& spec);

}  // namespace hourglass::tools

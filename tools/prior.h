#pragma once

#include <optional>
#include <string>

#include "ae/measure/latent.h"
#include "tools/codes.h"
#include "tools/command_line.h"

namespace hourglass::tools {

// Where random codes come from.
struct Prior {
  ae::CodeNormal normal;
  std::string name;  // "the prior", or "a normal fitted to the codes of 12000 training images"
};

// `from` is "prior", "fitted" or nothing: then it is the prior of a model that has one (codes are
// trained to be N(0, 1)), else fitted to the codes of training examples.
Prior prior_of(const char* who, const LoadedRun& run, const std::optional<std::string>& from,
               const std::optional<std::string>& data);

// Are the model's codes trained to be standard normal?
bool has_prior(const ae::Spec& spec);

// --from and --data.
void add_prior_options(const Command& command, std::optional<std::string>& from,
                       std::optional<std::string>& data);

}  // namespace hourglass::tools

#pragma once

#include "ae/model/autoencoder.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// That the run begins with the weights of another: its folder, and the hash of those. Throws Error
// where it has none, or where the model does not learn on from weights.
void set_init(RunConfig& config, const std::string& folder);

// Gives a fresh model the weights of config.init's run that fit it by name and shape, and what its
// scale found of the columns where they are the same, and says what was taken and what was not.
// Throws Error where nothing fits, and where those are other weights by now.
void begin_with(ae::Autoencoder& model, const RunConfig& config);

}  // namespace hourglass::tools

#pragma once

#include <string>

#include "ae/model/autoencoder.h"

namespace hourglass::ae {

// A model of the given spec with the parameters of a file. Throws FileError naming a parameter that
// is missing, unknown, or of another shape or dtype.
Autoencoder load_model(const std::string& path, const Spec& spec);

// A model from its run folder: `spec` of config.json and model.safetensors.
Autoencoder load_run(const std::string& folder);

}  // namespace hourglass::ae

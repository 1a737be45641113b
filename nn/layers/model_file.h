#pragma once

#include <string>
#include <vector>

#include "nn/layers/visit.h"

namespace hourglass::nn {

// Writes parameters as safetensors, by name and in their order: save_parameters(path,
// named_parameters(model)) for any model. Equal parameters leave equal bytes. Throws FileError
// where the file cannot be written.
void save_parameters(const std::string& path, const std::vector<NamedParameter>& parameters);

// Fills parameters with the numbers of a file. Throws FileError naming a parameter that is missing,
// unknown, of another shape or dtype, or not finite; what comes before it is filled by then.
void load_parameters(const std::string& path, const std::vector<NamedParameter>& parameters);

}  // namespace hourglass::nn

#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/layers/visit.h"
#include "tensor/files/byte_sink.h"

namespace hourglass::nn {

// Writes parameters as safetensors, by name and in their order: save_parameters(path,
// named_parameters(model)) for any model. Equal parameters leave equal bytes. Throws FileError
// where the file cannot be written. `metadata` is what the file says of itself.
void save_parameters(const std::string& path, const std::vector<NamedParameter>& parameters,
                     const std::map<std::string, std::string>& metadata = {},
                     Durability durability = Durability::kFast);

// The SHA-256 hash of that file, which need not be written.
std::string parameters_sha256(const std::vector<NamedParameter>& parameters,
                              const std::map<std::string, std::string>& metadata = {});

// A file's numbers for these parameters, in their order; of the parameters only names, shapes and
// dtypes count. Throws FileError naming one that is missing, unknown, of another shape or dtype, or
// not finite.
std::vector<Tensor> read_parameters(const std::string& path,
                                    const std::vector<NamedParameter>& parameters);

// Fills parameters with a file's numbers; throws as read_parameters, and fills none then.
void load_parameters(const std::string& path, const std::vector<NamedParameter>& parameters);

}  // namespace hourglass::nn

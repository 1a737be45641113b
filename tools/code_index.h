#pragma once

#include <string>
#include <vector>

#include "tools/codes.h"

namespace hourglass::tools {

// The codes of examples that are searched for neighbours, a file of a run: index.safetensors.
struct CodeIndex {
  Tensor codes;                    // f32 [N, H]
  Tensor medians;                  // f32 [H], of the codes of what the model learnt from
  Tensor labels;                   // i32 [N], or undefined
  std::vector<std::string> paths;  // where the examples are
  std::string checksum;            // of these
};

std::string index_path(const std::string& run);

void write_index(const std::string& run, const ae::Autoencoder& model, const CodeIndex& index);

// Throws Error where the run has none, or one that another model made; FileError where it is no index.
CodeIndex read_index(const std::string& run, const ae::Autoencoder& model);

// The examples of an index again. Throws Error where they are others by now.
nn::DataSet indexed_examples(const RunConfig& config, const CodeIndex& index);

}  // namespace hourglass::tools

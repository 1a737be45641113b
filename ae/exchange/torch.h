#pragma once

#include <string>

#include "ae/model/spec.h"

namespace hourglass::ae {

// The model of a spec as Python source: a PyTorch module, Autoencoder, whose weights are those of
// model.safetensors under their own names, and load(path), which gives one. It takes and gives what
// the model's users have, scaling and what is missing included: model(x) is the reconstruction,
// model.encode(x) the code, model.decode(code) what it stands for, all without noise and as f32. The
// same spec gives the same text. `title` is the file's first line.
std::string torch_module(const Spec& spec, const std::string& title = "An autoencoder");

// Writes that to a file. Throws FileError where it cannot be written.
void export_torch(const std::string& path, const Spec& spec,
                  const std::string& title = "An autoencoder");

}  // namespace hourglass::ae

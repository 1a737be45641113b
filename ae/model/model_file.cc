#include "ae/model/model_file.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "nn/layers/model_file.h"
#include "tensor/error.h"
#include "tensor/files/input_file.h"

namespace hourglass::ae {

Autoencoder load_model(const std::string& path, const Spec& spec) {
  Autoencoder model = make_autoencoder(spec, 0);
  nn::load_parameters(path, nn::named_parameters(model));
  return model;
}

Autoencoder load_run(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const std::string text = read_text(path, "load_run");
  const nlohmann::json config = nlohmann::json::parse(text, nullptr, false);
  if (!config.is_object() || !config.contains("spec")) {
    throw FileError(fmt::format("load_run: {}: expected a JSON object with a spec", path));
  }
  try {
    return load_model(folder + "/model.safetensors", spec_from_json(config["spec"].dump()));
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("load_run: {}: {}", path, error.what()));
  }
}

}  // namespace hourglass::ae

#include "ae/model/model_file.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/safetensors.h"

namespace hourglass::ae {
namespace {

void check_finite(const std::string& path, const std::string& name, const Tensor& t) {
  for (std::int64_t i = 0; i < t.elements(); ++i) {
    if (std::isfinite(t.data<float>()[i])) continue;
    throw FileError(fmt::format("load_model: {}: {}: number {} is {}: expected finite numbers",
                                path, name, i, t.at(i)));
  }
}

}  // namespace

void save_model(const std::string& path, Autoencoder& model) {
  std::vector<NamedTensor> tensors;
  model.visit([&](const std::string& name, Var& parameter) {
    tensors.push_back({name, parameter.tensor()});
  });
  write_safetensors(path, tensors);
}

Autoencoder load_model(const std::string& path, const Spec& spec) {
  std::map<std::string, Tensor> found;
  for (const NamedTensor& t : read_safetensors(path).tensors) found[t.name] = t.value;
  Autoencoder model = make_autoencoder(spec, 0);
  model.visit([&](const std::string& name, Var& parameter) {
    const auto entry = found.find(name);
    if (entry == found.end()) {
      throw FileError(fmt::format("load_model: {}: there is no tensor named {}: expected f32 {}",
                                  path, name, to_string(parameter.shape())));
    }
    const Tensor& t = entry->second;
    if (t.shape() != parameter.shape() || t.dtype() != parameter.dtype()) {
      throw FileError(fmt::format("load_model: {}: {} is {} {}: expected {} {}", path, name,
                                  name_of(t.dtype()), to_string(t.shape()),
                                  name_of(parameter.dtype()), to_string(parameter.shape())));
    }
    check_finite(path, name, t);
    parameter.assign(t);
    found.erase(entry);
  });
  if (!found.empty()) {
    throw FileError(
        fmt::format("load_model: {}: holds a tensor that the model has no place for: {}", path,
                    found.begin()->first));
  }
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

#include "tools/checkpoint.h"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/json_fields.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr const char* kRunKey = "run";
constexpr std::string_view kModel = "model.";

Json identity_of(const RunConfig& config) {
  const Json all = to_json(config);
  Json identity = Json::object();
  for (const char* key :
       {"model", "checksum", "split", "split_seed", "images", "validation", "pretrain",
        "diagnostics", "init_sha256", "reading", "spec", "training"}) {
    if (all.contains(key)) identity[key] = all[key];
  }
  if (!identity.contains("training")) return identity;
  for (const char* longer : {"epochs", "restarts", "threads"}) identity["training"].erase(longer);
  return identity;
}

std::string checkpoint_path(const std::string& folder) { return folder + "/" + kCheckpointFile; }

// Throws Error with the first member that differs: "spec.encoder is [36,3], ...".
void check_same(const std::string& name, const Json& config, const Json& checkpoint) {
  if (config == checkpoint) return;
  if (config.is_object() && checkpoint.is_object()) {
    for (const auto& [key, value] : config.items()) {
      const Json other = checkpoint.contains(key) ? checkpoint[key] : Json();
      check_same(name.empty() ? key : name + "." + key, value, other);
    }
  }
  throw Error(fmt::format("it is of another run: {} is {} there, {} in config.json", name,
                          json_text(checkpoint), json_text(config)));
}

Checkpoint checkpoint_from(const Safetensors& file, const RunConfig& config) {
  const auto text = file.metadata.find(kRunKey);
  if (text == file.metadata.end()) throw Error("it is no run's checkpoint");
  const Json run = parse_json(text->second);
  require(run, {"layer", "metrics", "timing", "identity"});
  Checkpoint checkpoint;
  check_same("", identity_of(config), run["identity"]);
  checkpoint.layer = member(run, "layer", 0);
  checkpoint.metrics = member(run, "metrics", checkpoint.metrics);
  checkpoint.timing = member(run, "timing", checkpoint.timing);
  checkpoint.state = nn::train_state_from(file);
  for (const NamedTensor& t : file.tensors) {
    if (!t.name.starts_with(kModel)) continue;
    checkpoint.beside.push_back({t.name.substr(kModel.size()), t.value});
  }
  return checkpoint;
}

}  // namespace

std::vector<nn::NamedParameter> parameters_beside(ae::Autoencoder& model, int layer) {
  if (layer > 0) return nn::named_parameters(model);
  std::vector<nn::NamedParameter> all;
  model.visit(ae::Part::kScale, [&](const std::string& name, Var& parameter, nn::Role role) {
    all.push_back({name, parameter, role});
  });
  return all;
}

void write_checkpoint(const std::string& folder, const Checkpoint& checkpoint,
                      const RunConfig& config) {
  Safetensors file = nn::to_safetensors(checkpoint.state);
  for (const NamedTensor& t : checkpoint.beside) {
    file.tensors.push_back({std::string(kModel) + t.name, t.value});
  }
  file.metadata[kRunKey] = json_text({{"layer", checkpoint.layer},
                                      {"metrics", checkpoint.metrics},
                                      {"timing", checkpoint.timing},
                                      {"identity", identity_of(config)}});
  write_safetensors(checkpoint_path(folder), file.tensors, file.metadata, Durability::kDurable);
}

bool has_checkpoint(const std::string& folder) {
  return std::filesystem::exists(checkpoint_path(folder));
}

Checkpoint read_checkpoint(std::string_view who, const std::string& folder,
                           const RunConfig& config) {
  const std::string path = checkpoint_path(folder);
  const Safetensors file = read_safetensors(path);
  try {
    return checkpoint_from(file, config);
  } catch (const Error& error) {
    throw FileError(fmt::format("{}: {}: {}", who, printable(path), error.what()));
  }
}

}  // namespace hourglass::tools

#include "tools/init_from.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <map>
#include <set>

#include "ae/model/model_file.h"
#include "nn/layers/model_file.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/checkpoint.h"
#include "tools/say.h"

namespace hourglass::tools {

using namespace internal;

namespace {

bool same_columns(const RunConfig& a, const RunConfig& b) {
  return a.kind == b.kind && a.schema.width == b.schema.width &&
         a.schema.columns == b.schema.columns && a.spec.scale == b.spec.scale;
}

// Why a parameter cannot be another's; empty where it can.
std::string why_not(const Var& here, const Var& there) {
  if (here.shape() == there.shape() && here.dtype() == there.dtype()) return "";
  return fmt::format("{} here, {} there", to_string(here.shape()), to_string(there.shape()));
}

}  // namespace

void set_init(RunConfig& config, const std::string& folder) {
  if (!config.trained) {
    throw Error(fmt::format("train: {} is solved, not trained: leave out --init", config.model));
  }
  if (config.pretrain > 0) {
    throw Error("init: each layer would be trained anew: --pretrain 0 leaves that out");
  }
  (void)read_config(folder);
  config.init = std::filesystem::absolute(folder).lexically_normal().string();
  const ae::Autoencoder other = ae::load_run(folder);
  config.init_sha256 = ae::model_sha256(other);
}

void begin_with(ae::Autoencoder& model, const RunConfig& config) {
  const RunConfig of_other = read_config(config.init);
  ae::Autoencoder other = ae::load_run(config.init);
  const std::vector<nn::NamedParameter> theirs = nn::named_parameters(other);
  if (ae::model_sha256(other) != config.init_sha256) {
    throw Error(fmt::format("init: {}: its weights are others than when the run was begun",
                            printable(config.init)));
  }
  std::map<std::string, Var> there;
  for (const nn::NamedParameter& p : theirs) there.emplace(p.name, p.parameter);
  std::set<std::string> scale;
  if (!same_columns(config, of_other)) {
    for (const nn::NamedParameter& p : parameters_beside(model, 0)) scale.insert(p.name);
  }
  std::vector<std::string> taken, left;
  for (const nn::NamedParameter& p : nn::named_parameters(model)) {
    const auto found = there.find(p.name);
    std::string why = found == there.end() ? "there is none" : why_not(p.parameter, found->second);
    if (why.empty() && scale.count(p.name) > 0) why = "of other columns";
    if (why.empty()) {
      p.parameter.assign(found->second.tensor());
      taken.push_back(p.name);
    } else {
      left.push_back(fmt::format("{} ({})", p.name, why));
    }
    if (found != there.end()) there.erase(found);
  }
  for (const auto& [name, parameter] : there) left.push_back(name + " (the model has none)");
  if (taken.empty()) {
    throw Error(
        fmt::format("init: {}: nothing fits: {}", printable(config.init), fmt::join(left, ", ")));
  }
  say("taken from {}: {}\n", printable(config.init), fmt::join(taken, ", "));
  if (!left.empty()) say("not taken: {}\n", fmt::join(left, ", "));
}

}  // namespace hourglass::tools

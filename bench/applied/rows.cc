#include "bench/applied/rows.h"

#include <fmt/core.h>

#include <filesystem>

#include "ae/model/train.h"
#include "tensor/error.h"

namespace hourglass::bench {

const std::vector<AppliedRow>& applied_rows() {
  static const std::vector<AppliedRow> rows = {
      {"outliers", outliers},      {"telemetry", telemetry}, {"labels", labels},
      {"retrieval", retrieval},    {"transfer", transfer},   {"manifolds", manifolds},
      {"generation", generation},  {"similar", similar},     {"noise", noise},
      {"compression", compression}};
  return rows;
}

ae::Autoencoder learnt(const ae::Spec& spec, const ae::Examples& examples,
                       const nn::TrainOptions& options) {
  ae::Autoencoder model = ae::make_autoencoder(spec, options.seed);
  nn::check_trained(ae::train(model, examples, options));
  return model;
}

std::string data_path(const RowSetting& setting, const std::string& below) {
  const std::string path = setting.data + "/" + below;
  if (!std::filesystem::exists(path)) {
    throw Error(fmt::format("data: {}: is not there: --data names the folder of all sets", path));
  }
  return path;
}

}  // namespace hourglass::bench

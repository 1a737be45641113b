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

Tensor standardised(const Tensor& rows, const ae::ColumnStatistics& columns) {
  Tensor z = rows.cast(DType::kF64).clone();
  const Tensor mean = columns.mean(), deviation = columns.deviation();
  const std::int64_t d = rows.shape()[1];
  for (std::int64_t i = 0; i < z.elements(); ++i) {
    double& x = z.data<double>()[i];
    const double by = deviation.at(i % d);
    x = by > 0 ? (x - mean.at(i % d)) / by : 0;
  }
  return z;
}

std::vector<bool> abnormal(const nn::DataSet& data) {
  std::vector<bool> found;
  for (std::int64_t i = 0; i < data.count(); ++i) {
    const auto label = static_cast<std::size_t>(data.labels.at(i));
    const std::string name = data.classes.empty() ? std::to_string(label) : data.classes[label];
    found.push_back(name != "0" && name != "0.0");
  }
  return found;
}

std::string data_path(const RowSetting& setting, const std::string& below) {
  const std::string path = setting.data + "/" + below;
  if (!std::filesystem::exists(path)) {
    throw Error(fmt::format("data: {}: is not there: --data names the folder of all sets", path));
  }
  return path;
}

}  // namespace hourglass::bench

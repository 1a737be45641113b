#pragma once

// The rows of docs/applications.md, as bench/applications asks for them: each learns, measures itself
// and its baselines on the same splits, and gives the figures; what is drawn goes into a folder.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "nn/data/data_set.h"
#include "nn/train/train_options.h"

namespace hourglass::bench {

struct RowSetting {
  std::string data;      // a folder with the folders of data sets in it
  std::string pictures;  // a folder
  int seeds = 0;         // 0: as many as the row has
};

using Json = nlohmann::ordered_json;
struct AppliedRow {
  const char* name;
  Json (*run)(const RowSetting& setting);
};
const std::vector<AppliedRow>& applied_rows();

Json outliers(const RowSetting& setting);
Json telemetry(const RowSetting& setting);
Json labels(const RowSetting& setting);
Json retrieval(const RowSetting& setting);
Json transfer(const RowSetting& setting);
Json manifolds(const RowSetting& setting);
Json generation(const RowSetting& setting);
Json similar(const RowSetting& setting);
Json noise(const RowSetting& setting);
Json compression(const RowSetting& setting);

// What the rows share.

// A model of that spec, trained; Error where training diverges.
ae::Autoencoder learnt(const ae::Spec& spec, const ae::Examples& examples,
                       const nn::TrainOptions& options);

// The path below the folder of data; Error where there is none.
std::string data_path(const RowSetting& setting, const std::string& below);

}  // namespace hourglass::bench

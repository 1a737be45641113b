#pragma once

// What the tests of data and networks share.

#include <cstdint>
#include <vector>

#include "nn/data/data_set.h"

namespace hourglass::testing {

inline std::vector<std::int32_t> classes_of(const nn::DataSet& data) {
  const auto* label = data.labels.data<std::int32_t>();
  return {label, label + data.count()};
}

}  // namespace hourglass::testing

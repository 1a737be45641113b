#pragma once

#include <string>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// A CSV or TSV file as rows f64 [N, D], or as the time steps of a series: labels and categories
// apart, times and the numbers of the rows left out.
nn::RawData read_table(const std::string& path, const nn::ReadOptions& options);

}  // namespace hourglass::internal

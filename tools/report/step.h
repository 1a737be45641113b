#pragma once

#include "tools/report/looked_at.h"

namespace hourglass::tools {

// A training step's plan with times, on copies of the weights: {"seconds", "lines", "work", "memory",
// "graph", "drawing", "examples", "by"}.
Json step(const LoadedRun& run, const nn::DataSet& test);

}  // namespace hourglass::tools

#pragma once

#include <string>

#include "nn/data/data_set.h"
#include "tools/codes.h"

namespace hourglass::tools {

// What the page of a run shows: what its folder says, and what its model makes of the test part. It
// has no member for what the run has not. `name` is what the folder is called. Throws Error where a
// journal of the folder cannot be read.
Json report_of(const LoadedRun& run, const std::string& folder, const std::string& name,
               const nn::DataSet& test);

// Writes it as a page, folder/report.html.
void write_report(const LoadedRun& run, const std::string& folder, const std::string& name,
                  const nn::DataSet& test);

}  // namespace hourglass::tools

#pragma once

#include <string>

#include "nn/data/data_set.h"
#include "tools/codes.h"

namespace hourglass::tools {

// What a run folder is called.
std::string run_name(const std::string& folder);

// What the folder itself says: the part of a report that needs no weights. Throws Error where a
// journal of the folder cannot be read.
Json journals_of(const char* who, const RunConfig& config, const std::string& folder,
                 const std::string& name);

// What the page of a run shows: its journals, and what its model makes of the test part. It has no
// member for what the run has not.
Json report_of(const char* who, const LoadedRun& run, const std::string& folder,
               const std::string& name, const nn::DataSet& test);

// Writes it as a page, folder/report.html.
void write_report(const LoadedRun& run, const std::string& folder, const std::string& name,
                  const nn::DataSet& test);

}  // namespace hourglass::tools

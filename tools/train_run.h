#pragma once

#include <optional>
#include <string>

#include "nn/data/split.h"
#include "tensor/files/new_folder.h"
#include "tools/run_files.h"

namespace hourglass::tools {

// One training, from its folder's beginning, or from what a process that ended has left in it, to
// its end; returns the exit code.
int train_into(internal::NewFolder& folder, Run& run, const nn::DataParts& data,
               const KeepOptions& keep);

// The same of a folder of its own, which takes its place then, and says how it ended. Throws
// std::runtime_error where training diverged.
int train_one(internal::NewFolder& folder, Run& run, const nn::DataParts& data,
              const KeepOptions& keep);

[[noreturn]] void fail_diverged(const Run& run, const std::string& out);

// Of a run that is taken up, called `name`: says so where it has no checkpoint to go on from.
void say_anew(const std::string& folder, const std::string& name, const RunConfig& config);

}  // namespace hourglass::tools

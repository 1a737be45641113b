#pragma once

#include <optional>
#include <string>

#include "tools/run_files.h"

namespace hourglass::tools {

// What `train --resume` is told.
struct ResumeArguments {
  std::string run;
  std::optional<int> epochs;  // in all
  std::optional<int> threads;
  KeepOptions keep;
};

// Takes a run, or the runs of several seeds, up where a process left it, to the bits of one that was
// never disturbed; returns the exit code.
int resume(const ResumeArguments& arguments);

}  // namespace hourglass::tools

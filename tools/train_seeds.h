#pragma once

#include "tools/train_run.h"

namespace hourglass::tools {

// Runs of several seeds, counted upwards.
struct SeedsPlan {
  RunConfig first;  // of the first seed
  int count = 0;
  bool finished = false;
};

// What a folder of theirs begins with, and the same as read again. Throws FileError naming what is
// wrong.
void write_seeds(const std::string& folder, const SeedsPlan& plan);
bool has_seeds(const std::string& folder);
SeedsPlan read_seeds(const std::string& folder);

// A run folder a seed inside of one folder, and summary.json: those that are finished stay, those
// that were begun go on. A seed that diverges ends it; those before it are kept.
int train_seeds(internal::NewFolder& folder, const SeedsPlan& plan, const nn::DataParts& data,
                const KeepOptions& keep);

}  // namespace hourglass::tools

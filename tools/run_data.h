#pragma once

#include "nn/data/split.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// What a run learns from, read and divided.
struct RunData {
  nn::RawData raw;
  nn::DataParts parts;
};

// The same again, as its config says. Throws Error where it is not the same.
RunData read_run_data(const RunConfig& config);

// Throws, ahead of all work, what the training of such data would.
void check_trainable(const RunConfig& config, const RunData& data);

// What is about to be learnt, in a few lines.
void say_beginning(const RunConfig& config, const RunData& data);

}  // namespace hourglass::tools

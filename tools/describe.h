#pragma once

#include <string>

#include "tools/run_folder.h"

namespace hourglass::tools {

// What a run's model is, in lines: its name and widths, the fields of its spec that are not as
// usual, what it takes.
std::string model_text(const RunConfig& config);

// How it is trained, in one line up to its outcome: "adam: 10 epochs, batch 128, lr 0.001 cosine,
// seed 0".
std::string training_text(const RunConfig& config);

}  // namespace hourglass::tools

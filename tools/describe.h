#pragma once

#include <string>

#include "tools/run_folder.h"

namespace hourglass::tools {

// What a run's model is, in lines: its name and widths, the fields of its spec that are not as
// usual, what it takes.
std::string model_text(const RunConfig& config);

// "12 images"; "1 test image" where `what` is "test ".
std::string counted(std::int64_t n, nn::DataKind kind, const std::string& what = "");
// The same with how large one is: "1 test image of 28 by 28".
std::string counted(std::int64_t n, const nn::DataSet& data, const std::string& what = "");

// How it is trained, in one line up to its outcome: "adam: 10 epochs, batch 128, lr 0.001 cosine,
// seed 0".
std::string training_text(const RunConfig& config);

}  // namespace hourglass::tools

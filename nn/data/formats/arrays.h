#pragma once

#include <string>
#include <vector>

#include "nn/data/read_options.h"
#include "tensor/files/numbers.h"

namespace hourglass::internal {

// An array as examples, of the kind that its shape or the options ask for: [N, D] rows, [N, H, W],
// [N, 1, H, W], [N, 3, H, W] and [N, H, W, 3] images, [T, C] a series, [..., D] activations.
// Numbers must be finite, but for missing ones of rows where the options let them be.
nn::RawData from_array(const std::string& path, const nn::Rows& array, Stored stored,
                       const nn::ReadOptions& options);

// Which of the arrays of a file are the examples: the one that the options name, else x, else the
// only one of two axes, else the only one of more. FileError listing them where that is no answer.
std::string examples_among(const std::string& path, const std::vector<ArrayHeader>& arrays,
                           const nn::ReadOptions& options);

}  // namespace hourglass::internal

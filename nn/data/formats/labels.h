#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// Where label i was read, for errors: "line 3, column 2 (class)".
using LabelPlace = std::function<std::string(std::int64_t)>;

// Whole numbers. From 0 to 65535 they are the labels; where there are others, each number that
// occurs is a class, by size. FileError for a number that is not whole, and for a class that the
// schema does not know.
void set_labels(nn::DataSet& data, const std::vector<double>& numbers,
                const nn::ReadOptions& options, const std::string& path, const LabelPlace& place);

// Words, words[ids[i]] the one of example i: each is a class, by name.
void set_labels(nn::DataSet& data, const std::vector<std::string>& words,
                const std::vector<std::int32_t>& ids, const nn::ReadOptions& options,
                const std::string& path, const LabelPlace& place);

// A tensor of whole numbers [N] or [N, 1], or the first column of QMNIST's [N, 8].
void set_labels(nn::DataSet& data, const Tensor& labels, const nn::ReadOptions& options,
                const std::string& path);

}  // namespace hourglass::internal

#pragma once

#include <string>
#include <vector>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// The IDX files of a folder: images and labels of a training and of a test part, by MNIST's names
// (train-images-idx3-ubyte, ..., t10k-labels.idx1-ubyte.gz, or with others ahead of them, as in
// qmnist-test-labels-idx2-int), or one file of examples and at most one of labels.
nn::RawData read_idx_folder(const std::string& folder, const std::vector<std::string>& files,
                            const nn::ReadOptions& options);

}  // namespace hourglass::internal

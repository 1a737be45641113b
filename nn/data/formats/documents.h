#pragma once

#include <vector>

#include "nn/data/formats/file_groups.h"

namespace hourglass::internal {

// Plain text as counts of words [N, V]: a document a file, or of one file a document a line.
nn::RawData read_documents(const std::vector<FileGroup>& groups, const nn::ReadOptions& options);

}  // namespace hourglass::internal

#pragma once

#include <string>
#include <vector>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// Files of one class: those of a sub-folder, by whose name it is called. A lone group without a
// name has no labels.
struct FileGroup {
  std::string name;
  std::vector<std::string> paths;
};

// Labels and names of classes of an example a file; by the classes of the schema where it has some.
// FileError for a group that it does not know.
void label_groups(nn::DataSet& data, const std::vector<FileGroup>& groups,
                  const nn::ReadOptions& options);

}  // namespace hourglass::internal

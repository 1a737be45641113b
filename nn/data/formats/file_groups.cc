#include "nn/data/formats/file_groups.h"

#include <algorithm>

#include "nn/data/formats/format.h"
#include "tensor/error.h"

namespace hourglass::internal {

using namespace nn;

void label_groups(DataSet& data, const std::vector<FileGroup>& groups, const ReadOptions& options) {
  if (groups.size() == 1 && groups[0].name.empty()) return;
  const bool known = options.schema && !options.schema->classes.empty();
  if (known) data.classes = options.schema->classes;
  std::vector<std::int32_t> labels;
  for (const FileGroup& group : groups) {
    auto found = std::find(data.classes.begin(), data.classes.end(), group.name);
    if (found == data.classes.end()) {
      if (known)
        fail_data(group.paths[0], "a class that the model does not know: " + in_quotes(group.name));
      found = data.classes.insert(data.classes.end(), group.name);
    }
    labels.insert(labels.end(), group.paths.size(),
                  static_cast<std::int32_t>(found - data.classes.begin()));
  }
  data.labels = Tensor::from(labels, {static_cast<std::int64_t>(labels.size())});
}

}  // namespace hourglass::internal

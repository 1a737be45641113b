#include "nn/data/formats/documents.h"

#include "nn/data/formats/format.h"

namespace hourglass::internal {

nn::RawData read_documents(const std::vector<FileGroup>& groups, const nn::ReadOptions&) {
  fail_data(groups[0].paths[0], "stub");
}

}  // namespace hourglass::internal

#include "ae/model/examples.h"

#include <algorithm>

namespace hourglass::ae {

std::vector<nn::Rows> rows_of(const Examples& examples) {
  if (!examples.labels.defined()) return {examples.images};
  return {examples.images, examples.labels};
}

std::vector<Tensor> tensors_of(const Examples& few) {
  std::vector<Tensor> tensors;
  for (const nn::Rows& rows : rows_of(few)) tensors.push_back(rows.tensor());
  return tensors;
}

Batch batch_of(const nn::Batch& tensors) {
  if (tensors.size() == 4) return {tensors[0], {}, SparseRows{tensors[1], tensors[2], tensors[3]}};
  return {tensors.at(0), tensors.size() > 1 ? tensors[1] : Var()};
}

Examples first_of(const Examples& examples, std::int64_t count) {
  const std::int64_t n = std::min(examples.images.count(), count);
  return {examples.images.range(0, n),
          examples.labels.defined() ? examples.labels.rows(0, n) : Tensor()};
}

}  // namespace hourglass::ae

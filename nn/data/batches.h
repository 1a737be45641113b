#pragma once

#include <cstdint>
#include <vector>

#include "tensor/random.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// The rows of a tensor [N, ...] in batches, in an order drawn from (key, epoch): each row once an
// epoch, the last batch smaller where N is not a multiple. The order is the same on every machine.
class Batches {
 public:
  // Throws Error where there are no rows or batch < 1.
  Batches(const Tensor& rows, std::int64_t batch, Key key, int epoch);

  std::int64_t count() const;
  std::int64_t size(std::int64_t index) const;  // rows of batch `index`
  Tensor batch(std::int64_t index) const;       // gathered, aligned; any dtype
  // The same examples of another tensor [N, ...], such as their labels. Throws Error where it has
  // another number of rows.
  Tensor batch(std::int64_t index, const Tensor& others) const;

 private:
  Tensor rows_;
  std::int64_t batch_;
  std::vector<std::int32_t> order_;
};

// Rows `indices` of a tensor [N, ...], copied.
Tensor gather_rows(const Tensor& rows, const std::int32_t* indices, std::int64_t count);

}  // namespace hourglass::nn

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::nn {

// Rows of a sparse matrix in tensors of sizes that do not depend on the rows: what a graph's inputs
// for SparseRows (autograd/ops/sparse.h) are fed with.
struct CsrBatch {
  Tensor values;      // f32 [capacity], 0 in padding
  Tensor columns;     // i32 [capacity], 0 in padding
  Tensor row_starts;  // i32 [rows + 1]
};

// A sparse matrix [rows, width] by rows: row i holds values[p] in column columns[p] for p in
// [row_starts[i], row_starts[i + 1]).
struct CsrMatrix {
  std::int64_t width = 0;
  std::vector<float> values = {};
  std::vector<std::int32_t> columns = {};      // rising within a row
  std::vector<std::int64_t> row_starts = {0};  // one more than there are rows

  std::int64_t rows() const { return static_cast<std::int64_t>(row_starts.size()) - 1; }
  std::int64_t entries() const { return static_cast<std::int64_t>(values.size()); }

  // Throws Error, which begins with `name`, where the arrays are not of such a matrix: "counts: row 3:
  // columns must rise: 7 after 9".
  void check(const std::string& name) const;

  // The most entries that any `count` rows, or rows of `ids`, have: the capacity of their batches.
  std::int64_t most_entries(std::int64_t count) const;
  std::int64_t most_entries(const std::vector<std::int32_t>& ids, std::int64_t count) const;

  // The rows `ids`, each of which may come more than once. Throws Error for a row that does not
  // exist, and for entries that do not fit into the capacity.
  CsrBatch batch(const std::vector<std::int32_t>& ids, std::int64_t capacity) const;
  Tensor dense(const std::vector<std::int32_t>& ids,
               DType dtype = DType::kF32) const;  // [ids, width]
};

}  // namespace hourglass::nn

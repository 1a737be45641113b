#pragma once

#include <cstddef>
#include <cstdint>

namespace hourglass::kernels::internal {

// A matrix to be transposed: to[i * to_stride + j] = from[j * from_stride + i] for i in [0, rows)
// and j in [0, columns), counted in elements.
struct TransposedMatrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  const void* from = nullptr;
  std::int64_t from_stride = 0;
  void* to = nullptr;
  std::int64_t to_stride = 0;
};

// Transposes by vector registers where the target has any and the matrix is large enough for
// them; else does nothing and says false. Elements of 1, 4 and 8 bytes.
bool transpose_by_vectors(std::size_t element_size, const TransposedMatrix& matrix);

}  // namespace hourglass::kernels::internal

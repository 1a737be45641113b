#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "tensor/kernels.h"
#include "tensor/kernels/move/check_indices.h"
#include "tensor/kernels/move/strided_copy.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

using internal::check_indices;

constexpr std::int64_t kBlockBytes = std::int64_t{1} << 16;  // moved by one thread at a time
constexpr std::int64_t kMinColumns = 64;  // of a split of scatter_add: a few cache lines a row

std::int64_t rows_per_block(std::int64_t row_bytes) {
  return std::max<std::int64_t>(1, kBlockBytes / std::max<std::int64_t>(1, row_bytes));
}

// Adds the numbers of x to y; integers wrap around.
template <class T>
void add_run(const T* x, T* y, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_integral_v<T>) {
      using Wide = std::uint32_t;
      y[i] = static_cast<T>(static_cast<Wide>(y[i]) + static_cast<Wide>(x[i]));
    } else {
      y[i] += x[i];
    }
  }
}

// Rows [first, last) of the [outer * count, inner] rows that take writes.
template <class T>
void take_rows(const T* x, std::int64_t n, std::int64_t inner, const std::int32_t* indices,
               std::int64_t count, std::int64_t first, std::int64_t last, T* y) {
  const std::size_t bytes = static_cast<std::size_t>(inner) * sizeof(T);
  std::int64_t j = first % count;
  const T* matrix = x + first / count * n * inner;
  for (std::int64_t row = first; row < last; ++row) {
    if (inner == 1) {
      y[row] = matrix[indices[j]];
    } else {
      std::memcpy(y + row * inner, matrix + indices[j] * inner, bytes);
    }
    if (++j < count) continue;
    j = 0;
    matrix += n * inner;
  }
}

// Columns [first, last) of one [n, inner] matrix: rows of x are added in the order of j.
template <class T>
void scatter_columns(const T* x, std::int64_t n, std::int64_t inner, const std::int32_t* indices,
                     std::int64_t count, std::int64_t first, std::int64_t last, T* y) {
  for (std::int64_t row = 0; row < n; ++row) {
    std::fill(y + row * inner + first, y + row * inner + last, T{});
  }
  for (std::int64_t j = 0; j < count; ++j) {
    add_run(x + j * inner + first, y + indices[j] * inner + first, last - first);
  }
}

// The same for an inner size of 1.
template <class T>
void scatter_numbers(const T* x, std::int64_t n, const std::int32_t* indices, std::int64_t count,
                     T* y) {
  std::fill(y, y + n, T{});
  for (std::int64_t j = 0; j < count; ++j) add_run(x + j, y + indices[j], 1);
}

}  // namespace

void take(DType dtype, const void* x, std::int64_t outer, std::int64_t n, std::int64_t inner,
          const std::int32_t* indices, std::int64_t count, void* y) {
  check_indices("take", "indices", indices, count, n);
  const std::int64_t rows = outer * count;
  const std::int64_t row_bytes = inner * static_cast<std::int64_t>(size_of(dtype));
  if (rows * row_bytes == 0) return;
  if (row_bytes > kBlockBytes) {  // rows that are worth splitting themselves
    for (std::int64_t row = 0; row < rows; ++row) {
      internal::strided_copy(
          size_of(dtype), {{inner, 1, 1}},
          static_cast<const char*>(x) + (row / count * n + indices[row % count]) * row_bytes,
          static_cast<char*>(y) + row * row_bytes);
    }
    return;
  }
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    parallel_ranges(rows, rows_per_block(row_bytes), [&](std::int64_t first, std::int64_t last) {
      take_rows(static_cast<const T*>(x), n, inner, indices, count, first, last,
                static_cast<T*>(y));
    });
  });
}

void scatter_add(DType dtype, const void* x, std::int64_t outer, std::int64_t n, std::int64_t inner,
                 const std::int32_t* indices, std::int64_t count, void* y) {
  check_indices("scatter_add", "indices", indices, count, n);
  if (outer * n * inner == 0) return;
  // A block owns whole columns of y, so the order of the additions is that of j on any split.
  const std::int64_t column_bytes = (n + count) * static_cast<std::int64_t>(size_of(dtype));
  const std::int64_t columns = std::min(inner, std::max(kMinColumns, rows_per_block(column_bytes)));
  const std::int64_t pieces = (inner + columns - 1) / columns;
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto add_block = [&](std::int64_t block) {
      const std::int64_t first = block % pieces * columns;
      const T* from = static_cast<const T*>(x) + block / pieces * count * inner;
      T* to = static_cast<T*>(y) + block / pieces * n * inner;
      if (inner == 1) {
        scatter_numbers(from, n, indices, count, to);
      } else {
        scatter_columns(from, n, inner, indices, count, first, std::min(first + columns, inner),
                        to);
      }
    };
    const std::int64_t grain = rows_per_block(column_bytes * columns);
    parallel_ranges(outer * pieces, grain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t block = first; block < last; ++block) add_block(block);
    });
  });
}

void take_along_rows(DType dtype, const void* x, std::int64_t rows, std::int64_t n,
                     const std::int32_t* indices, std::int64_t count, void* y) {
  check_indices("take_along", "indices", indices, rows * count, n, count);
  if (count == 0) return;
  const std::int64_t row_bytes = count * static_cast<std::int64_t>(size_of(dtype));
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    parallel_ranges(rows, rows_per_block(row_bytes), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t row = first; row < last; ++row) {
        const T* const from = static_cast<const T*>(x) + row * n;
        const std::int32_t* const at = indices + row * count;
        T* const to = static_cast<T*>(y) + row * count;
        for (std::int64_t j = 0; j < count; ++j) to[j] = from[at[j]];
      }
    });
  });
}

void scatter_add_along_rows(DType dtype, const void* x, std::int64_t rows, std::int64_t n,
                            const std::int32_t* indices, std::int64_t count, void* y) {
  check_indices("scatter_along", "indices", indices, rows * count, n, count);
  const std::int64_t row_bytes = (n + count) * static_cast<std::int64_t>(size_of(dtype));
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    parallel_ranges(rows, rows_per_block(row_bytes), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t row = first; row < last; ++row) {
        scatter_numbers(static_cast<const T*>(x) + row * count, n, indices + row * count, count,
                        static_cast<T*>(y) + row * n);
      }
    });
  });
}

}  // namespace hourglass::kernels

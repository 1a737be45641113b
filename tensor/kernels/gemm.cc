#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/kernels/blas.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kUnit = 16;            // blocks begin at multiples of this row or column
constexpr std::int64_t kBlockWork = 1 << 20;  // multiply-adds that are worth a block of their own
constexpr std::int64_t kTaskWork = 1 << 18;   // small products of a batch are handed out together
constexpr std::int64_t kMaxBlocks = 8;

// How c is cut: rows x columns blocks of nearly equal size. By the sizes alone, never by the
// threads.
struct Grid {
  std::int64_t rows = 1, columns = 1;
};

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

double saturating_work(const Gemm& g) {
  return static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k);
}

// A block of m x n packs both its panels again: that costs 1/m + 1/n of its multiply-adds. Halve
// the longer side until there are enough blocks.
Grid choose_grid(const Gemm& g) {
  Grid grid;
  const double wanted = std::min(saturating_work(g) / kBlockWork, double{kMaxBlocks});
  while (2.0 * static_cast<double>(grid.rows * grid.columns) <= wanted) {
    const std::int64_t m = g.m / grid.rows, n = g.n / grid.columns;
    if (std::max(m, n) < 2 * kUnit) break;
    (m >= n ? grid.rows : grid.columns) *= 2;
  }
  return grid;
}

// The first row or column of part `part` of `parts`, at a multiple of kUnit.
std::int64_t cut(std::int64_t size, std::int64_t parts, std::int64_t part) {
  return std::min(size, divide_up(size, kUnit) * part / parts * kUnit);
}

template <class T>
void multiply_block(const Gemm& g, const Grid& grid, std::int64_t item, const T* a, const T* b,
                    T* c) {
  const std::int64_t column = item % grid.columns;
  const std::int64_t row = item / grid.columns % grid.rows;
  const std::int64_t matrix = item / (grid.columns * grid.rows);
  const std::int64_t i = cut(g.m, grid.rows, row), j = cut(g.n, grid.columns, column);
  internal::Product block{.m = cut(g.m, grid.rows, row + 1) - i,
                          .n = cut(g.n, grid.columns, column + 1) - j,
                          .k = g.k,
                          .transpose_a = g.transpose_a,
                          .transpose_b = g.transpose_b,
                          .lda = g.transpose_a ? g.m : g.k,
                          .ldb = g.transpose_b ? g.k : g.n,
                          .ldc = g.n};
  internal::multiply(block, a + matrix * g.stride_a + (g.transpose_a ? i : i * g.k),
                     b + matrix * g.stride_b + (g.transpose_b ? j * g.k : j),
                     c + matrix * g.stride_c + i * g.n + j);
}

// A batch that shares b and stores its rows one after the other is one tall product.
Gemm fold_batch(Gemm g) {
  if (g.batch > 1 && g.stride_b == 0 && !g.transpose_a && g.stride_a == g.m * g.k &&
      g.stride_c == g.m * g.n) {
    g.m *= g.batch;
    g.batch = 1;
  }
  return g;
}

template <class T>
void gemm_blocks(const Gemm& g, const T* a, const T* b, T* c) {
  const Grid grid = choose_grid(g);
  const std::int64_t blocks = grid.rows * grid.columns;
  const double work = saturating_work(g) / static_cast<double>(blocks);
  const std::int64_t together =
      work >= kTaskWork ? 1
                        : kTaskWork / std::max<std::int64_t>(1, static_cast<std::int64_t>(work));
  parallel_ranges(g.batch * blocks, together, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t item = first; item < last; ++item) multiply_block(g, grid, item, a, b, c);
  });
}

}  // namespace

void gemm(DType dtype, const Gemm& shape, const void* a, const void* b, void* c) {
  if (shape.batch == 0 || shape.m == 0 || shape.n == 0) return;
  const Gemm g = fold_batch(shape);
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>) {
      gemm_blocks(g, static_cast<const T*>(a), static_cast<const T*>(b), static_cast<T*>(c));
    }
  });
}

}  // namespace hourglass::kernels

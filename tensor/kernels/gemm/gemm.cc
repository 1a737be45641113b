#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/gemm/blocking.h"
#include "tensor/kernels/gemm/product.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

using internal::divide_up;

constexpr std::int64_t kUnit = 16;           // blocks begin at multiples of this row or column
constexpr std::int64_t kTaskWork = 1 << 18;  // small products are handed out together
constexpr double kTileWork = 1 << 19;        // multiply-adds that are worth a block of their own
constexpr std::int64_t kFewRows = 8;  // with fewer, reading b takes longer than the arithmetic
constexpr std::int64_t kNarrow = 37, kNarrowRows = 32;

// How c is cut: rows x columns blocks of nearly equal size. By the sizes alone, never by the
// threads.
struct Grid {
  std::int64_t rows = 1, columns = 1;
  std::int64_t blocks() const { return rows * columns; }
};

// Multiply-adds of one product; a double, since they may pass 2^63.
double work_of(const Gemm& g) {
  return static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k);
}

// For OpenBLAS: up to 4 blocks of a megaflop or two, then larger ones: every cut costs a few
// percent of the speed.
double wanted_blocks(double work) {
  return std::max({1.0, std::min(4.0, work / (1 << 20)), std::min(8.0, work / (1 << 23)),
                   std::min(64.0, work / (1 << 26))});
}

// For OpenBLAS. A block packs its panels again, which costs 1/rows + 1/columns of its
// multiply-adds: so the longer side is halved. When k is small the writes to c weigh more, and two
// threads in one row of c disturb each other.
Grid blas_grid(const Gemm& g) {
  const double work = work_of(g);
  if (g.n <= kNarrow && g.k >= 32 && work / static_cast<double>(g.m) * kNarrowRows <= 1e6) {
    return {.rows = divide_up(g.m, kNarrowRows)};  // OpenBLAS has faster kernels for such blocks
  }
  Grid grid;
  const double wanted = wanted_blocks(work);
  while (2.0 * static_cast<double>(grid.blocks()) <= wanted) {
    const std::int64_t m = g.m / grid.rows, n = g.n / grid.columns;
    if (std::max(m, n) < 4 * kUnit) break;
    const bool by_rows = m >= n || (g.k <= 256 && m >= 8 * kUnit);
    (by_rows ? grid.rows : grid.columns) *= 2;
  }
  return grid;
}

// For our own tiles, whose bits do not depend on the cut: so it may follow the threads, and one
// thread packs nothing twice. Two blocks a thread, where they are worth it, even out what else the
// machine does.
Grid tile_grid(const Gemm& g) {
  Grid grid;
  if (threads() == 1) return grid;
  Gemm read = g;
  read.m = std::max(g.m, kFewRows);
  read.n = std::max(g.n, kFewRows);
  const double work = work_of(read) / kTileWork;
  const double wanted =
      std::min(work, 2.0 * static_cast<double>(threads()) / static_cast<double>(g.batch));
  while (2.0 * static_cast<double>(grid.blocks()) <= wanted) {
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

// Rows [i, i + m) and columns [j, j + n) of c, as a product of its own.
struct Block {
  internal::Product product;
  std::int64_t a, b, c;  // where its operands begin
};

Block make_block(const Gemm& g, std::int64_t i, std::int64_t j, std::int64_t m, std::int64_t n) {
  return {.product =
              {
                  .m = m,
                  .n = n,
                  .k = g.k,
                  .transpose_a = g.transpose_a,
                  .transpose_b = g.transpose_b,
                  .lda = g.transpose_a ? g.m : g.k,
                  .ldb = g.transpose_b ? g.k : g.n,
                  .ldc = g.n,
              },
          .a = g.transpose_a ? i : i * g.k,
          .b = g.transpose_b ? j * g.k : j,
          .c = i * g.n + j};
}

Block make_block(const Gemm& g, const Grid& grid, std::int64_t block) {
  const std::int64_t row = block / grid.columns, column = block % grid.columns;
  const std::int64_t i = cut(g.m, grid.rows, row), j = cut(g.n, grid.columns, column);
  return make_block(g, i, j, cut(g.m, grid.rows, row + 1) - i,
                    cut(g.n, grid.columns, column + 1) - j);
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

internal::Product whole_product(const Gemm& g) {
  internal::Product product = make_block(g, 0, 0, g.m, g.n).product;
  product.portable = portable_bits();
  return product;
}

template <class T>
void gemm_blocks(const Gemm& g, const T* a, const T* b, T* c) {
  internal::count_products(work_of(g) * static_cast<double>(g.batch));
  const GemmBlocking blocking = gemm_blocking();
  const bool by_tiles = route_of(whole_product(g)) == GemmRoute::kTiles;
  const Grid grid = by_tiles ? tile_grid(g) : blas_grid(g);
  const double block_work = std::max(1.0, work_of(g) / static_cast<double>(grid.blocks()));
  const std::int64_t together =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(kTaskWork / block_work));
  parallel_ranges(g.batch * grid.blocks(), together, [&](std::int64_t first, std::int64_t last) {
    Block block = make_block(g, 0, 0, g.m, g.n);
    for (std::int64_t item = first; item < last; ++item) {
      if (grid.blocks() > 1) block = make_block(g, grid, item % grid.blocks());
      const std::int64_t matrix = item / grid.blocks();
      const T* const block_a = a + matrix * g.stride_a + block.a;
      const T* const block_b = b + matrix * g.stride_b + block.b;
      T* const block_c = c + matrix * g.stride_c + block.c;
      if (by_tiles) {
        internal::multiply_by_tiles(block.product, block_a, block_b, block_c, blocking);
      } else {
        internal::multiply_by_blas(block.product, block_a, block_b, block_c);
      }
    }
  });
}

}  // namespace

GemmRoute gemm_route(const Gemm& shape) { return route_of(whole_product(fold_batch(shape))); }

std::string_view name_of(GemmRoute route) {
  return route == GemmRoute::kTiles ? "tiles" : "OpenBLAS";
}

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

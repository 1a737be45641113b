#include "tensor/kernels/reduce/reduce.h"

#include <algorithm>
#include <cstring>

#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/scratch.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

using internal::divide_up;
using internal::kColumnBlock;
using internal::kRowBlock;
using internal::Scratch;

constexpr std::int64_t kTaskElements = 65536;  // what is worth handing to a thread

std::int64_t tasks_of(std::int64_t item_elements) {
  return std::max<std::int64_t>(1, kTaskElements / std::max<std::int64_t>(1, item_elements));
}

const std::byte* at(const void* x, std::int64_t bytes) {
  return static_cast<const std::byte*>(x) + bytes;
}
std::byte* at(void* y, std::int64_t bytes) { return static_cast<std::byte*>(y) + bytes; }

// One level of the tree: x [outer, n, inner] to y [outer, blocks, inner], where a block is up to
// `block` elements of the axis.
struct Level {
  Reduction reduction;
  DType dtype;
  std::int64_t outer, n, inner, block;
  std::int64_t x_size, y_size;  // bytes an element

  std::int64_t blocks() const { return divide_up(n, block); }
};

void reduce_rows(const Level& level, const void* x, void* y) {
  const std::int64_t blocks = level.blocks();
  parallel_ranges(
      level.outer * blocks, tasks_of(std::min(level.n, level.block)),
      [&](std::int64_t first, std::int64_t last) {
        if (blocks == 1) {
          const internal::RowBlocks rows{.rows = last - first, .n = level.n, .stride = level.n};
          return internal::reduce_row_blocks(level.reduction, level.dtype, rows,
                                             at(x, first * level.n * level.x_size),
                                             at(y, first * level.y_size));
        }
        for (std::int64_t item = first; item < last; ++item) {
          const std::int64_t begin = item % blocks * level.block;
          const internal::RowBlocks row{.rows = 1, .n = std::min(level.block, level.n - begin)};
          internal::reduce_row_blocks(level.reduction, level.dtype, row,
                                      at(x, (item / blocks * level.n + begin) * level.x_size),
                                      at(y, item * level.y_size));
        }
      });
}

// Wide tiles read memory best, narrow ones make work for several threads. No bit depends on them.
std::int64_t column_tile(const Level& level) {
  constexpr std::int64_t kWantedItems = 16, kNarrowest = 1024;
  const std::int64_t tiles = divide_up(kWantedItems, level.outer * level.blocks());
  const std::int64_t bytes = divide_up(level.inner * level.x_size, tiles * kNarrowest) * kNarrowest;
  return std::min(bytes, internal::kColumnTileBytes) / level.x_size;
}

void reduce_columns(const Level& level, const void* x, void* y) {
  const std::int64_t blocks = level.blocks();
  const std::int64_t tile = column_tile(level);
  const std::int64_t tiles = divide_up(level.inner, tile);
  const std::int64_t elements = std::min(level.n, level.block) * std::min(level.inner, tile);
  parallel_ranges(
      level.outer * blocks * tiles, tasks_of(elements), [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t item = first; item < last; ++item) {
          const std::int64_t column = item % tiles * tile;
          const std::int64_t row = item / tiles % blocks * level.block;
          const std::int64_t outer = item / tiles / blocks;
          const internal::ColumnBlock part{.n = std::min(level.block, level.n - row),
                                           .stride = level.inner,
                                           .columns = std::min(tile, level.inner - column)};
          internal::reduce_column_block(
              level.reduction, level.dtype, part,
              at(x, ((outer * level.n + row) * level.inner + column) * level.x_size),
              at(y, (item / tiles * level.inner + column) * level.y_size));
        }
      });
}

void reduce_level(const Level& level, const void* x, void* y) {
  level.inner == 1 ? reduce_rows(level, x, y) : reduce_columns(level, x, y);
}

template <class T>
void fill_empty(Reduction reduction, std::int64_t n, void* y) {
  std::fill_n(static_cast<T*>(y), n, reduction == Reduction::kProd ? T{1} : T{0});
}

// Of the candidates that the blocks found, the first that none beats.
template <class T>
void pick_extremes(const Level& level, bool largest, const T* x, const std::int32_t* found,
                   std::int32_t* y) {
  const std::int64_t blocks = level.blocks();
  for (std::int64_t o = 0; o < level.outer; ++o) {
    for (std::int64_t i = 0; i < level.inner; ++i) {
      std::int64_t best = found[o * blocks * level.inner + i];
      const T* column = x + o * level.n * level.inner + i;
      for (std::int64_t b = 1; b < blocks; ++b) {
        const std::int64_t candidate = b * level.block + found[(o * blocks + b) * level.inner + i];
        const T old = column[best * level.inner], value = column[candidate * level.inner];
        const bool beats = largest ? value > old : value < old;
        if (beats || (value != value && old == old)) best = candidate;
      }
      y[o * level.inner + i] = static_cast<std::int32_t>(best);
    }
  }
}

void reduce_arg(Level level, const void* x, std::int32_t* y) {
  if (level.n <= level.block) return reduce_level(level, x, y);
  std::int32_t* found = internal::scratch<std::int32_t>(Scratch::kReduction,
                                                        level.outer * level.blocks() * level.inner);
  reduce_level(level, x, found);
  visit(level.dtype, [&](auto zero) {
    using T = decltype(zero);
    pick_extremes(level, level.reduction == Reduction::kArgmax, static_cast<const T*>(x), found, y);
  });
}

// Levels of partial results, one after the other in the scratch buffer, until one block is left.
void reduce_values(Level level, const void* x, void* y) {
  std::int64_t partials = 0;
  for (std::int64_t n = level.blocks(); n > 1; n = divide_up(n, level.block))
    partials += level.outer * n * level.inner;
  void* partial = partials == 0
                      ? nullptr
                      : internal::scratch_bytes(Scratch::kReduction,
                                                static_cast<std::size_t>(partials * level.y_size));
  while (level.n > level.block) {
    reduce_level(level, x, partial);
    x = partial;
    partial = at(partial, level.outer * level.blocks() * level.inner * level.y_size);
    level.n = level.blocks();
  }
  reduce_level(level, x, y);
}

}  // namespace

void reduce(Reduction reduction, DType dtype, const void* x, void* y, std::int64_t outer,
            std::int64_t n, std::int64_t inner) {
  if (outer == 0 || inner == 0) return;
  const bool arg = reduction == Reduction::kArgmax || reduction == Reduction::kArgmin;
  const std::int64_t size = static_cast<std::int64_t>(size_of(dtype));
  const Level level{.reduction = reduction,
                    .dtype = dtype,
                    .outer = outer,
                    .n = n,
                    .inner = inner,
                    .block = inner == 1 ? kRowBlock : kColumnBlock,
                    .x_size = size,
                    .y_size = arg ? 4 : size};
  if (n == 0) {
    visit(dtype, [&](auto zero) { fill_empty<decltype(zero)>(reduction, outer * inner, y); });
  } else if (arg) {
    reduce_arg(level, x, static_cast<std::int32_t*>(y));
  } else if (n == 1) {
    std::memcpy(y, x, static_cast<std::size_t>(outer * inner * size));
  } else {
    reduce_values(level, x, y);
  }
}

void sum_rows(DType dtype, const void* x, void* y, std::int64_t rows, std::int64_t n,
              std::int64_t stride) {
  internal::reduce_row_blocks(Reduction::kSum, dtype, {.rows = rows, .n = n, .stride = stride}, x,
                              y);
}

void sum_columns(DType dtype, const void* x, void* y, std::int64_t n, std::int64_t columns,
                 std::int64_t stride) {
  const std::int64_t size = static_cast<std::int64_t>(size_of(dtype));
  const std::int64_t tile = internal::kColumnTileBytes / size;
  for (std::int64_t i = 0; i < columns; i += tile) {
    const internal::ColumnBlock block{
        .n = n, .stride = stride, .columns = std::min(tile, columns - i)};
    internal::reduce_column_block(Reduction::kSum, dtype, block, at(x, i * size), at(y, i * size));
  }
}

}  // namespace hourglass::kernels

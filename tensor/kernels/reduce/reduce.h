#pragma once

#include <cstdint>

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// The tree of a reduction: up to kBlock elements along the axis are reduced by one call of the
// functions below, the results of several blocks by further calls.
constexpr std::int64_t kRowBlock = 32768;
constexpr std::int64_t kColumnBlock = 256;
constexpr std::int64_t kColumnTileBytes = 16384;  // of one row that a call takes at most

// y[r] = the reduction of x[r * stride + j] over j in [0, n), for r in [0, rows); 1 <= n <=
// kRowBlock. arg* give the i32 index j.
struct RowBlocks {
  std::int64_t rows = 0, n = 0, stride = 0;
};
void reduce_row_blocks(Reduction reduction, DType dtype, const RowBlocks& blocks, const void* x,
                       void* y);

// y[i] = the reduction of x[r * stride + i] over r in [0, n), for i in [0, columns); 1 <= n <=
// kColumnBlock, at most kColumnTileBytes of columns. arg* give the i32 index r.
struct ColumnBlock {
  std::int64_t n = 0, stride = 0, columns = 0;
};
void reduce_column_block(Reduction reduction, DType dtype, const ColumnBlock& block, const void* x,
                         void* y);

}  // namespace hourglass::kernels::internal

#pragma once

// Sparse matrices, given by rows, times dense ones: three ops that are each other's derivatives.

#include <cstdint>

#include "autograd/graph/var.h"

namespace hourglass {

// A sparse matrix S [B, D] by rows (CSR): row i holds values[p] in column columns[p] for p in
// [row_starts[i], row_starts[i + 1]). Shapes are static, so the arrays are as long as the most that
// a batch may hold: what stands behind row_starts[B] is padding, of values 0 and columns in [0, D).
// nn::CsrMatrix makes such batches.
struct SparseRows {
  Var values;      // [N], f32 or f64
  Var columns;     // i32 [N]
  Var row_starts;  // i32 [B + 1], from 0, rising
};

// S op(w): w [D, H], or [H, D] with the flag -> [B, H], in O(D H + N H). Throws Error, naming itself
// and the shapes, for others; and where the graph runs, if a column is not in [0, D) or the row
// starts do not rise from 0 to at most N.
Var sparse_matmul(const SparseRows& s, const Var& w, bool transpose_w = false);

// S' a, its adjoint in w: a [B, H] -> [width, H], or [H, width] with the flag.
Var sparse_transpose_matmul(const SparseRows& s, const Var& a, std::int64_t width,
                            bool transpose_y = false);

// Its adjoint in the values: a [B, H], w [D, H] (or [H, D] with the flag) -> [N], where entry p of
// row i is a[i] . w[columns[p]], and 0 in padding. The values of `s` are not read.
Var sampled_matmul(const SparseRows& s, const Var& a, const Var& w, bool transpose_w = false);

}  // namespace hourglass

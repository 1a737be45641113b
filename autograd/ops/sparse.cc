#include "autograd/ops/sparse.h"

#include <fmt/core.h>

#include "autograd/ops/axes.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"

// Each op takes two arrays of numbers, then the columns and row starts of the sparse matrix.

namespace hourglass {

using namespace internal;

namespace {

bool transposed(const Attributes& attributes) { return attributes.flag("transpose"); }

// The rank of each array of numbers, their dtypes, and the sparse matrix's indices.
void check_arrays(const Call& c, int rank_a, int rank_b) {
  check_arity(c, 4);
  for (const auto& [i, rank] : {std::pair(0, rank_a), std::pair(1, rank_b)}) {
    check_real(c, i);
    if (c[i].rank() == rank) continue;
    fail(c, rank == 1 ? "values must be a vector" : "needs matrices",
         fmt::format("{} has rank {}", i == 0 ? "a" : "b", c[i].rank()));
  }
  check_same_dtype(Call{c.op, c.inputs.first(2), c.attributes, c.output, c.argument});
  for (int i : {2, 3}) {
    if (c[i].dtype() != DType::kI32) {
      fail(c, "columns and row starts must be i32", fmt::format("got {}", name_of(c[i].dtype())));
    }
    if (c[i].rank() != 1) fail(c, "columns and row starts must be vectors");
  }
  if (c[3].size(0) == 0) fail(c, "needs a row start more than there are rows");
}

void check_values(const Call& c) {
  if (c[0].size(0) == c[2].size(0)) return;
  fail(c, "needs a column a value", fmt::format("{} vs {}", c[2].size(0), c[0].size(0)));
}

// a [B, H] of the sparse matrix's rows.
void check_rows(const Call& c, int argument) {
  const std::int64_t rows = c[3].size(0) - 1;
  if (c[argument].size(0) == rows) return;
  fail(c, "needs a row start more than there are rows",
       fmt::format("{} vs {}", c[3].size(0), c[argument].size(0)));
}

kernels::SparseRows rows_of(const KernelCall& k, std::int64_t width) {
  return {.rows = (*k.inputs[3].shape)[0] - 1,
          .width = width,
          .capacity = (*k.inputs[2].shape)[0],
          .columns = k.inputs[2].as<std::int32_t>(),
          .starts = k.inputs[3].as<std::int32_t>()};
}

SparseRows sparse_rows(const Call& c, const Var& values) { return {values, c[2], c[3]}; }

// Sizes of a matrix [D, H] that may be stored as [H, D].
struct Sides {
  std::int64_t width, n;
  Sides(const Shape& shape, bool transposed)
      : width(shape[transposed ? 1 : 0]), n(shape[transposed ? 0 : 1]) {}
};

double sparse_cost(const Call& c, std::int64_t n) {
  return static_cast<double>(c[2].elements()) * static_cast<double>(n);
}

// --- batches. A batch of sparse matrices is one, each below the one before it, with a row more of
// each that takes its padding. Its columns lie apart where those of the dense operand do.

struct JoinedRows {
  Var columns, row_starts;
};

JoinedRows join_rows(const BatchCall& b, std::int64_t width, bool apart) {
  const std::int64_t capacity = b.call[2].size(0);
  const Var columns = with_axis(b, 2);
  const Var starts = joined_indices(b, with_axis(b, 3), capacity + 1, capacity);
  const Var end = full(Shape{1}, static_cast<double>(b.size * capacity), DType::kI32);
  return {reshape(apart ? joined_indices(b, columns, width) : columns, Shape{columns.elements()}),
          concat({reshape(starts, Shape{starts.elements()}), end}, 0)};
}

// Values [S, N], where the batch has them, of such a matrix.
Var join_values(const Var& values) { return reshape(values, Shape{values.elements()}); }

// a [S, B, H] as rows of such a matrix, and back.
Var join_rows_of(const Var& a) {
  const Var padded = pad(a, {{}, {.after = 1}, {}});
  return reshape(padded, Shape{padded.size(0) * padded.size(1), padded.size(2)});
}
Var split_rows(const BatchCall& b, const Var& y) {
  const std::int64_t rows = y.size(0) / b.size;
  return slice(reshape(y, Shape{b.size, rows, y.size(1)}), 1, {0, rows - 1});
}

// w [S, D, H], where a flag says that it is stored as [S, H, D], one below the other.
Var join_widths(const Var& w, bool transposed) {
  const Var plain = transposed ? transpose(w) : w;
  return reshape(plain, Shape{plain.size(0) * plain.size(1), plain.size(2)});
}

// Is the dense operand all that the batch reaches? Then it has so many more columns.
bool only_dense(const BatchCall& b) {
  return b.batched[1] && !b.batched[0] && !b.batched[2] && !b.batched[3];
}

// [S, n, m] as [n, S m], and back.
Var join_columns(const Var& x) {
  return reshape(transpose(x, {1, 0, 2}), Shape{x.size(1), x.size(0) * x.size(2)});
}
Var split_columns(const BatchCall& b, const Var& x) {
  return transpose(reshape(x, Shape{x.size(0), b.size, x.size(1) / b.size}), {1, 0, 2});
}

// --- sparse_matmul: values [N], w [D, H] -> y [B, H]

TensorType sparse_matmul_type(const Call& c) {
  check_arrays(c, 1, 2);
  check_values(c);
  const Sides sides(c[1].shape(), transposed(c.attributes));
  check_countable(c, sides.width);
  return {Shape{c[3].size(0) - 1, sides.n}, c[0].dtype()};
}

void sparse_matmul_kernel(const KernelCall& k) {
  const bool t = transposed(k.attributes);
  const Sides sides(*k.inputs[1].shape, t);
  kernels::sparse_matmul(k.output.dtype, rows_of(k, sides.width), k.inputs[0].data,
                         k.inputs[1].data, t, sides.n, k.output.data);
}

Var sparse_matmul_batch(const BatchCall& b) {
  const bool t = transposed(b.call.attributes);
  if (only_dense(b)) {
    const Var& w = b.inputs[1];
    const Var wide = t ? reshape(w, Shape{b.size * w.size(1), w.size(2)}) : join_columns(w);
    return split_columns(b, sparse_matmul(sparse_rows(b.call, b.inputs[0]), wide, t));
  }
  const JoinedRows rows = join_rows(b, Sides(b.call[1].shape(), t).width, b.batched[1]);
  const SparseRows s{join_values(with_axis(b, 0)), rows.columns, rows.row_starts};
  if (!b.batched[1]) return split_rows(b, sparse_matmul(s, b.inputs[1], t));
  return split_rows(b, sparse_matmul(s, join_widths(b.inputs[1], t)));
}

// d (S w) = g w' at S's entries, S' g
const Op& sparse_matmul_op = define({
    .name = "sparse_matmul",
    .type = sparse_matmul_type,
    .kernel = sparse_matmul_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              return sampled_matmul(sparse_rows(c, c[0]), g, c[1], transposed(c.attributes));
            },
            [](const Call& c, const Var& g) {
              const bool t = transposed(c.attributes);
              return sparse_transpose_matmul(sparse_rows(c, c[0]), g, Sides(c[1].shape(), t).width,
                                             t);
            },
            kZero, kZero},
    .linear = true,
    .batch = sparse_matmul_batch,
    .follow =
        [](const Call& c, int argument, int axis) {
          return argument == 1 && axis == (transposed(c.attributes) ? 0 : 1) ? 1 : kMixed;
        },
    .cost = [](const Call& c) { return sparse_cost(c, c.output.size(1)); },
    .keeps_small_errors = true,
    .product = true,
});

// --- sparse_transpose_matmul: values [N], a [B, H] -> y [D, H]

TensorType sparse_transpose_matmul_type(const Call& c) {
  check_arrays(c, 1, 2);
  check_values(c);
  check_rows(c, 1);
  const std::int64_t width = c.attributes.integer("width"), n = c[1].size(1);
  check_countable(c, width);
  return {transposed(c.attributes) ? Shape{n, width} : Shape{width, n}, c[0].dtype()};
}

void sparse_transpose_matmul_kernel(const KernelCall& k) {
  kernels::sparse_transpose_matmul(k.output.dtype, rows_of(k, k.attributes.integer("width")),
                                   k.inputs[0].data, k.inputs[1].data, (*k.inputs[1].shape)[1],
                                   transposed(k.attributes), k.output.data);
}

Var sparse_transpose_matmul_batch(const BatchCall& b) {
  const bool t = transposed(b.call.attributes);
  const std::int64_t width = b.call.attributes.integer("width");
  if (only_dense(b)) {
    const SparseRows s = sparse_rows(b.call, b.inputs[0]);
    const Var y = sparse_transpose_matmul(s, join_columns(b.inputs[1]), width, t);
    return t ? reshape(y, b.call.output.shape().with_axis(0, b.size)) : split_columns(b, y);
  }
  const JoinedRows rows = join_rows(b, width, true);
  const SparseRows s{join_values(with_axis(b, 0)), rows.columns, rows.row_starts};
  const Var y = sparse_transpose_matmul(s, join_rows_of(with_axis(b, 1)), b.size * width);
  const Var apart = reshape(y, Shape{b.size, width, y.size(1)});
  return t ? transpose(apart) : apart;
}

// d (S' a) = a g' at S's entries, S g
const Op& sparse_transpose_matmul_op = define({
    .name = "sparse_transpose_matmul",
    .type = sparse_transpose_matmul_type,
    .kernel = sparse_transpose_matmul_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              return sampled_matmul(sparse_rows(c, c[0]), c[1], g, transposed(c.attributes));
            },
            [](const Call& c, const Var& g) {
              return sparse_matmul(sparse_rows(c, c[0]), g, transposed(c.attributes));
            },
            kZero, kZero},
    .linear = true,
    .batch = sparse_transpose_matmul_batch,
    .follow =
        [](const Call& c, int argument, int axis) {
          if (argument != 1 || axis != 1) return kMixed;
          return transposed(c.attributes) ? 0 : 1;
        },
    .cost = [](const Call& c) { return sparse_cost(c, c[1].size(1)); },
    .keeps_small_errors = true,
    .product = true,
});

// --- sampled_matmul: a [B, H], w [D, H] -> values [N]

TensorType sampled_matmul_type(const Call& c) {
  check_arrays(c, 2, 2);
  check_rows(c, 0);
  const Sides sides(c[1].shape(), transposed(c.attributes));
  check_countable(c, sides.width);
  if (sides.n != c[0].size(1)) {
    fail(c, "inner dimensions differ", fmt::format("{} vs {}", c[0].size(1), sides.n));
  }
  return {c[2].shape(), c[0].dtype()};
}

void sampled_matmul_kernel(const KernelCall& k) {
  const bool t = transposed(k.attributes);
  const Sides sides(*k.inputs[1].shape, t);
  kernels::sampled_matmul(k.output.dtype, rows_of(k, sides.width), k.inputs[0].data,
                          k.inputs[1].data, t, sides.n, k.output.data);
}

Var sampled_matmul_batch(const BatchCall& b) {
  const bool t = transposed(b.call.attributes);
  const JoinedRows rows = join_rows(b, Sides(b.call[1].shape(), t).width, b.batched[1]);
  const SparseRows s{{}, rows.columns, rows.row_starts};
  const Var a = join_rows_of(with_axis(b, 0));
  const Var y = b.batched[1] ? sampled_matmul(s, a, join_widths(b.inputs[1], t))
                             : sampled_matmul(s, a, b.inputs[1], t);
  return reshape(y, Shape{b.size, b.call.output.size(0)});
}

// d values = G w, G' a, for the sparse matrix G of the cotangents
const Op& sampled_matmul_op = define({
    .name = "sampled_matmul",
    .type = sampled_matmul_type,
    .kernel = sampled_matmul_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              return sparse_matmul(sparse_rows(c, g), c[1], transposed(c.attributes));
            },
            [](const Call& c, const Var& g) {
              const bool t = transposed(c.attributes);
              return sparse_transpose_matmul(sparse_rows(c, g), c[0], Sides(c[1].shape(), t).width,
                                             t);
            },
            kZero, kZero},
    .linear = true,
    .batch = sampled_matmul_batch,
    .cost = [](const Call& c) { return sparse_cost(c, c[0].size(1)); },
    .keeps_small_errors = true,
    .product = true,
});

}  // namespace

Var sparse_matmul(const SparseRows& s, const Var& w, bool transpose_w) {
  return apply(sparse_matmul_op, {s.values, w, s.columns, s.row_starts},
               {{"transpose", transpose_w}});
}

Var sparse_transpose_matmul(const SparseRows& s, const Var& a, std::int64_t width,
                            bool transpose_y) {
  return apply(sparse_transpose_matmul_op, {s.values, a, s.columns, s.row_starts},
               {{"width", width}, {"transpose", transpose_y}});
}

Var sampled_matmul(const SparseRows& s, const Var& a, const Var& w, bool transpose_w) {
  return apply(sampled_matmul_op, {a, w, s.columns, s.row_starts}, {{"transpose", transpose_w}});
}

}  // namespace hourglass

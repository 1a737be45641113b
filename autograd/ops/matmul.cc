#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "autograd/graph/cost.h"
#include "autograd/graph/simplify_call.h"
#include "autograd/graph/term.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/product.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

struct Flags {
  bool a, b;
};
Flags flags_of(const Attributes& attributes) {
  return {attributes.flag("transpose_a"), attributes.flag("transpose_b")};
}

Shape leading(const Shape& shape) {
  return Shape(Sizes(shape.sizes().begin(), shape.sizes().end() - 2));
}

Shape with_matrix(const Shape& batch, std::int64_t rows, std::int64_t columns) {
  Sizes sizes = batch.sizes();
  sizes.insert(sizes.end(), {rows, columns});
  return Shape(std::move(sizes));
}

// The op itself takes operands of equal leading axes, or one that is a single matrix for all of the
// batch.
TensorType matmul_type(const Call& c) {
  check_arity(c, 2);
  for (int i : {0, 1}) {
    if (c[i].rank() < 2) fail(c, "needs matrices", fmt::format("rank {}", c[i].rank()));
    check_real(c, i);
  }
  check_same_dtype(c);
  const Flags t = flags_of(c.attributes);
  const std::int64_t k_a = c[0].size(t.a ? -2 : -1);
  const std::int64_t k_b = c[1].size(t.b ? -1 : -2);
  if (k_a != k_b) fail(c, "inner dimensions differ", fmt::format("{} vs {}", k_a, k_b));
  const Shape batch_a = leading(c[0].shape());
  const Shape batch_b = leading(c[1].shape());
  if (batch_a != batch_b && batch_a.rank() > 0 && batch_b.rank() > 0) {
    fail(c, "batch sizes differ", fmt::format("{} vs {}", to_string(batch_a), to_string(batch_b)));
  }
  const Shape& batch = batch_a.rank() > 0 ? batch_a : batch_b;
  const std::int64_t rows = c[0].size(t.a ? -1 : -2), columns = c[1].size(t.b ? -2 : -1);
  for (const Var& x : c.inputs) {  // an operand's, where it can be shared
    const bool same = x.size(-2) == rows && x.size(-1) == columns;
    if (same && x.rank() == batch.rank() + 2) return {x.shape(), x.dtype()};
  }
  return {with_matrix(batch, rows, columns), c[0].dtype()};
}

kernels::Gemm gemm_of(const Flags& t, const Shape& a, const Shape& b, const Shape& c) {
  kernels::Gemm g;
  g.batch = c.product(0, c.rank() - 2);
  g.m = c[-2];
  g.n = c[-1];
  g.k = a[t.a ? -2 : -1];
  g.transpose_a = t.a;
  g.transpose_b = t.b;
  g.stride_a = a.rank() > 2 ? g.m * g.k : 0;
  g.stride_b = b.rank() > 2 ? g.k * g.n : 0;
  g.stride_c = g.m * g.n;
  return g;
}

void matmul_kernel(const KernelCall& k) {
  const kernels::Gemm g =
      gemm_of(flags_of(k.attributes), *k.inputs[0].shape, *k.inputs[1].shape, *k.output.shape);
  kernels::gemm(k.output.dtype, g, k.inputs[0].data, k.inputs[1].data, k.output.data);
}

// Rows of op(a) and columns of op(b) survive, and so do the axes of the batch (a rank above 2 is
// the output's). Of a single matrix that a whole batch shares they survive in each product.
int matmul_follow(const Call& c, int argument, int axis) {
  const Flags t = flags_of(c.attributes);
  const int from_end = c[argument].rank() - axis;
  const int rank = c.output.rank();
  if (from_end > 2) return axis;
  const bool transposed = argument == 0 ? t.a : t.b;
  const bool is_row = (from_end == 2) != transposed;
  if (argument == 0 && is_row) return rank - 2;
  if (argument == 1 && !is_row) return rank - 1;
  return kMixed;
}

// A single matrix on the left and a batch of vectors on the right: the vectors are the rows of one
// product from the other side. [m, k] times S of [k, 1], or of [1, k] as the flag has it.
Var times_vectors(const BatchCall& b, Flags t) {
  const Var& x = b.inputs[1];
  const Var rows = reshape(x, Shape{b.size, x.size(-1) * x.size(-2)});
  return reshape(matmul(rows, b.inputs[0], false, !t.a),
                 b.call.output.shape().with_axis(0, b.size));
}

// An operand without the batch axis may stay as it is only if it is a single matrix.
Var matmul_batch(const BatchCall& b) {
  const Flags t = flags_of(b.call.attributes);
  const bool single_a = !b.batched[0] && b.call[0].rank() == 2;
  const bool single_b = !b.batched[1] && b.call[1].rank() == 2;
  if (single_a && b.call.output.rank() == 2 && b.call.output.size(-1) == 1) {
    return times_vectors(b, t);
  }
  const auto operand = [&](int i, bool single) {
    if (single) return b.inputs[static_cast<std::size_t>(i)];
    const Var x = with_axis(b, i);
    if (x.rank() == b.call.output.rank() + 1) return x;
    const Shape batch = leading(b.call.output.shape()).with_axis(0, b.size);
    Sizes ones(static_cast<std::size_t>(batch.rank()), 1);
    ones[0] = b.size;
    const Var lifted = reshape(x, with_matrix(Shape(ones), x.size(-2), x.size(-1)));
    return broadcast_to(lifted, with_matrix(batch, x.size(-2), x.size(-1)));
  };
  return matmul(operand(0, single_a), operand(1, single_b), t.a, t.b);
}

double matmul_cost(const Call& c) {
  const std::int64_t inner = c[0].size(flags_of(c.attributes).a ? -2 : -1);
  return static_cast<double>(c.output.elements()) * static_cast<double>(inner);
}

// A transpose of the last two axes is a flag.
std::optional<Var> simplify_matmul(const SimplifyCall& c) {
  const auto flipped = [&](const Var& x) {
    if (!c.is(x, transpose_op)) return false;
    Sizes p = x.attributes().integers("permutation");
    std::swap(p[p.size() - 1], p[p.size() - 2]);
    return std::is_sorted(p.begin(), p.end());
  };
  const bool flip_a = flipped(c[0]), flip_b = flipped(c[1]);
  if (!flip_a && !flip_b) return {};
  const Flags t = flags_of(c.node.attributes());
  return apply(matmul_op, {flip_a ? c[0].inputs()[0] : c[0], flip_b ? c[1].inputs()[0] : c[1]},
               {{"transpose_a", t.a != flip_a}, {"transpose_b", t.b != flip_b}});
}

// The inner axes are one index, and so are those of the batch.
std::optional<contract::Term> matmul_form(const Call& c, const contract::Term& a,
                                          const contract::Term& b) {
  const Flags t = flags_of(c.attributes);
  const std::size_t n = a.out.size(), m = b.out.size();
  const std::size_t row = n - (t.a ? 1 : 2), inner_a = n - (t.a ? 2 : 1);
  const std::size_t inner_b = m - (t.b ? 1 : 2), column = m - (t.b ? 2 : 1);
  contract::AxisPairs pairs = {{inner_a, inner_b}};
  if (n == m) {
    for (std::size_t i = 0; i + 2 < n; ++i) pairs.push_back({i, i});
  }
  std::optional<contract::Term> result = contract::multiply(a, b, pairs);
  if (!result) return {};
  contract::AxisNumbers kept(n >= m ? n - 2 : m - 2);
  std::iota(kept.begin(), kept.end(), n >= m ? 0 : n);
  kept.push_back(row);
  kept.push_back(n + column);
  contract::keep_axes(*result, kept);
  return result;
}

}  // namespace

// d (A B) = g B', A' g, where a flag moves the transposition to the other side.
const Op& internal::matmul_op = define({
    .name = "matmul",
    .type = matmul_type,
    .kernel = matmul_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              const Flags t = flags_of(c.attributes);
              const Var da = t.a ? matmul(c[1], g, t.b, true) : matmul(g, c[1], false, !t.b);
              return sum_to(da, c[0].shape());
            },
            [](const Call& c, const Var& g) {
              const Flags t = flags_of(c.attributes);
              const Var db = t.b ? matmul(g, c[0], true, t.a) : matmul(c[0], g, !t.a, false);
              return sum_to(db, c[1].shape());
            }},
    .linear = true,
    .batch = matmul_batch,
    .follow = matmul_follow,
    .cost = matmul_cost,
    .simplify = simplify_matmul,
    .form = {.product = matmul_form, .opens_atoms = true},
    .folds = true,
    .keeps_small_errors = true,
    .product = true,
});

namespace {

Var apply_matmul(const Var& a, const Var& b, bool transpose_a, bool transpose_b) {
  const auto flags = [](bool of_a, bool of_b) {
    return Attributes{{"transpose_a", of_a}, {"transpose_b", of_b}};
  };
  // Nodes share them: deep nets are made of products.
  static const Attributes all[] = {flags(false, false), flags(false, true), flags(true, false),
                                   flags(true, true)};
  return apply(matmul_op, {a, b}, all[(transpose_a ? 2 : 0) + (transpose_b ? 1 : 0)]);
}

}  // namespace

bool internal::is_matmul(const Var& x) { return &x.op() == &matmul_op; }

kernels::Gemm internal::gemm_of(const Var& x) {
  return gemm_of(flags_of(x.attributes()), x.inputs()[0].shape(), x.inputs()[1].shape(), x.shape());
}

Var matmul(const Var& a, const Var& b, bool transpose_a, bool transpose_b) {
  if (!a.defined() || !b.defined() || a.rank() < 2 || b.rank() < 2) {
    return apply_matmul(a, b, transpose_a, transpose_b);  // which says what is wrong
  }
  const Shape batch_a = leading(a.shape());
  const Shape batch_b = leading(b.shape());
  // One matrix on the right of a batch: the batch is so many more rows of a single product.
  if (batch_a.rank() > 0 && batch_b.rank() == 0 && a.dtype() == b.dtype() &&
      a.size(transpose_a ? -2 : -1) == b.size(transpose_b ? -1 : -2)) {
    const std::int64_t m = a.size(transpose_a ? -1 : -2);
    const std::int64_t k = a.size(transpose_a ? -2 : -1);
    const Var rows = transpose_a && m != 1 ? transpose(a) : a;  // of a vector only the name changes
    const Var flat = reshape(rows, Shape{batch_a.elements() * m, k});
    const Var product = apply_matmul(flat, b, false, transpose_b);
    return reshape(product, with_matrix(batch_a, m, product.size(-1)));
  }
  if (batch_a == batch_b || batch_a.rank() == 0)
    return apply_matmul(a, b, transpose_a, transpose_b);
  const Shape batch = broadcast_shape(batch_a, batch_b, "matmul");
  return apply_matmul(broadcast_to(a, with_matrix(batch, a.size(-2), a.size(-1))),
                      broadcast_to(b, with_matrix(batch, b.size(-2), b.size(-1))), transpose_a,
                      transpose_b);
}

}  // namespace hourglass

#include <fmt/core.h>

#include <algorithm>

#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// Small linear algebra. A diagonal is a slice of the flattened matrix with step columns + 1, so
// that diag and diagonal need no op of their own and are each other's adjoints as slice and pad
// are.

namespace hourglass {

using namespace internal;

namespace {

void check_rank(const Var& x, int rank, const char* who) {
  check_defined(x, who);
  if (x.rank() >= rank) return;
  throw Error(fmt::format("{}: needs at least {} axes: a={}: rank {}", who, rank,
                          to_string(x.shape()), x.rank()));
}

void check_vectors(const Var& a, const Var& b, const char* who) {
  check_defined(a, who);
  check_defined(b, who);
  if (a.rank() == 1 && b.rank() == 1) return;
  throw Error(fmt::format("{}: needs two vectors: a={}, b={}", who, to_string(a.shape()),
                          to_string(b.shape())));
}

// x with its last `axes` axes replaced by `sizes`.
Shape with_last(const Shape& x, int axes, std::initializer_list<std::int64_t> sizes) {
  Sizes all(x.sizes().begin(), x.sizes().end() - axes);
  all.insert(all.end(), sizes);
  return Shape(std::move(all));
}

}  // namespace

Var diagonal(const Var& x) {
  check_rank(x, 2, "diagonal");
  const std::int64_t columns = x.size(-1);
  const std::int64_t n = std::min(x.size(-2), columns);
  const Var flat = reshape(x, with_last(x.shape(), 2, {x.size(-2) * columns}));
  return slice(flat, -1, {0, n == 0 ? 0 : (n - 1) * (columns + 1) + 1, columns + 1});
}

Var diag(const Var& x) {
  check_rank(x, 1, "diag");
  const std::int64_t n = x.size(-1);
  const Shape square = in_context_of("diag", {x}, [&] { return with_last(x.shape(), 1, {n, n}); });
  std::vector<Padding> padding(static_cast<std::size_t>(x.rank()));
  padding.back().between = n;
  return reshape(pad(x, padding), square);
}

Var trace(const Var& x) {
  check_rank(x, 2, "trace");
  return sum(diagonal(x), {-1});
}

Var outer(const Var& a, const Var& b) {
  check_vectors(a, b, "outer");
  return in_context_of("outer", {a, b},
                       [&] { return multiply(expand_dims(a, 1), expand_dims(b, 0)); });
}

Var dot(const Var& a, const Var& b) {
  check_vectors(a, b, "dot");
  if (a.shape() != b.shape()) {
    throw Error(fmt::format("dot: sizes differ: a={}, b={}: {} vs {}", to_string(a.shape()),
                            to_string(b.shape()), a.elements(), b.elements()));
  }
  return sum(in_context_of("dot", {a, b}, [&] { return multiply(a, b); }));
}

Var matvec(const Var& a, const Var& x, bool transpose_a) {
  check_rank(a, 2, "matvec");
  check_rank(x, 1, "matvec");
  if (a.size(transpose_a ? -2 : -1) != x.size(-1)) {
    throw Error(fmt::format("matvec: inner sizes differ: a={}, b={}: {} vs {}",
                            to_string(a.shape()), to_string(x.shape()),
                            a.size(transpose_a ? -2 : -1), x.size(-1)));
  }
  const Var y =
      in_context_of("matvec", {a, x}, [&] { return matmul(a, expand_dims(x, -1), transpose_a); });
  return squeeze(y, {-1});
}

}  // namespace hourglass

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "autograd/graph/cost.h"
#include "autograd/graph/simplify_call.h"
#include "autograd/graph/term.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

// --- reshape: the same numbers in the same order; its adjoint is the reshape back.

TensorType reshape_type(const Call& c) {
  check_arity(c, 1);
  Shape shape = shape_attribute(c);
  if (shape.elements() != c[0].elements()) {
    fail(c, "element counts differ",
         fmt::format("to {}: {} vs {}", to_string(shape), c[0].elements(), shape.elements()));
  }
  return {std::move(shape), c[0].dtype()};
}

// An axis survives where both shapes agree on it and on what lies before it.
int reshape_follow(const Call& c, int, int axis) {
  const Shape& x = c[0].shape();
  const Shape y = shape_attribute(c);
  const std::int64_t before = x.product(0, axis);
  for (int i = 0; i < y.rank(); ++i) {
    if (y[i] == x[axis] && y.product(0, i) == before) return i;
  }
  return kMixed;
}

Var reshape_batch(const BatchCall& b) {
  return reshape(b.inputs[0], b.call.output.shape().with_axis(0, b.size));
}

// Two in a row are one, and one that changes nothing is none.
std::optional<Var> simplify_reshape(const SimplifyCall& c) {
  const Shape& shape = c.node.shape();
  if (c[0].shape() == shape) return c[0];
  if (c.is(c[0], reshape_op)) return reshape(c[0].inputs()[0], shape);
  if (const auto value = c.uniform(c[0]); value && c.is(c[0], broadcast_to_op)) {
    return full(shape, *value, c.node.dtype());
  }
  return {};
}

}  // namespace

const Op& internal::reshape_op = define({
    .name = "reshape",
    .type = reshape_type,
    .vjp = {[](const Call& c, const Var& g) { return reshape(g, c[0].shape()); }},
    .linear = true,
    .batch = reshape_batch,
    .follow = reshape_follow,
    .cost = cost_nothing,
    .simplify = simplify_reshape,
    .form = {.relabel =
                 [](const Call& c, contract::Term& term) {
                   return contract::reshape(term, c.output.shape().sizes());
                 }},
    .folds = true,
    .is_view = true,
    .repeats = true,
    .keeps_small_errors = true,
});

namespace {

// --- transpose: axis i of y is axis permutation[i] of x; its adjoint is the inverse permutation.

std::vector<int> permutation_of(const Attributes& attributes) {
  const Sizes& p = attributes.integers("permutation");
  return {p.begin(), p.end()};
}

TensorType transpose_type(const Call& c) {
  check_arity(c, 1);
  const std::vector<int> p = permutation_of(c.attributes);
  std::vector<int> sorted = p;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> all(static_cast<std::size_t>(c[0].rank()));
  std::iota(all.begin(), all.end(), 0);
  if (sorted != all) {
    fail(c, "the permutation must name each axis once", to_string(c.attributes));
  }
  Sizes sizes;
  for (int axis : p) sizes.push_back(c[0].size(axis));
  return {Shape(std::move(sizes)), c[0].dtype()};
}

void transpose_kernel(const KernelCall& k) {
  ShortVector<int> permutation;
  for (std::int64_t axis : k.attributes.integers("permutation")) {
    permutation.push_back(static_cast<int>(axis));
  }
  kernels::transpose(k.output.dtype, k.inputs[0].shape->sizes(), permutation, k.inputs[0].data,
                     k.output.data);
}

std::vector<int> inverse(const std::vector<int>& p) {
  std::vector<int> q(p.size());
  for (std::size_t i = 0; i < p.size(); ++i)
    q[static_cast<std::size_t>(p[i])] = static_cast<int>(i);
  return q;
}

Var transpose_batch(const BatchCall& b) {
  std::vector<int> p = {0};
  for (int axis : permutation_of(b.call.attributes)) p.push_back(axis + 1);
  return transpose(b.inputs[0], p);
}

std::optional<Var> simplify_transpose(const SimplifyCall& c) {
  const std::vector<int> p = permutation_of(c.node.attributes());
  std::vector<int> moved;  // axes of more than one element, in the new order
  for (int axis : p) {
    if (c[0].size(axis) != 1) moved.push_back(axis);
  }
  if (std::is_sorted(moved.begin(), moved.end())) return reshape(c[0], c.node.shape());
  if (c.is(c[0], transpose_op)) {
    const std::vector<int> inner = permutation_of(c[0].attributes());
    std::vector<int> both;
    for (int axis : p) both.push_back(inner[static_cast<std::size_t>(axis)]);
    return transpose(c[0].inputs()[0], both);
  }
  if (const auto value = c.uniform(c[0])) return full(c.node.shape(), *value, c.node.dtype());
  return {};
}

}  // namespace

const Op& internal::transpose_op = define({
    .name = "transpose",
    .type = transpose_type,
    .kernel = transpose_kernel,
    .vjp = {[](const Call& c, const Var& g) {
      return transpose(g, inverse(permutation_of(c.attributes)));
    }},
    .linear = true,
    .batch = transpose_batch,
    .follow =
        [](const Call& c, int, int axis) {
          return inverse(permutation_of(c.attributes))[static_cast<std::size_t>(axis)];
        },
    .cost = cost_nothing,
    .simplify = simplify_transpose,
    .form = {.relabel =
                 [](const Call& c, contract::Term& term) {
                   const Sizes& p = c.attributes.integers("permutation");
                   contract::keep_axes(term, {p.begin(), p.end()});
                   return true;
                 }},
    .folds = true,
    .keeps_small_errors = true,
});

Var reshape(const Var& x, Shape shape) {
  if (x.defined() && x.shape() == shape) return x;
  return apply(reshape_op, {x}, {{"shape", shape.sizes()}});
}

Var reshape_to(const Var& x, std::vector<std::int64_t> sizes) {
  check_defined(x, "reshape");
  const auto inferred = std::find(sizes.begin(), sizes.end(), -1);
  if (inferred == sizes.end()) return reshape(x, checked_shape(sizes, "reshape", {x.shape()}));
  if (std::count(sizes.begin(), sizes.end(), -1) > 1) {
    throw Error(fmt::format("reshape: only one size can be inferred: a={}", to_string(x.shape())));
  }
  *inferred = 1;
  const std::int64_t known = checked_shape(sizes, "reshape", {x.shape()}).elements();
  *inferred = known == 0 ? 0 : x.elements() / known;
  return reshape(x, Shape(std::move(sizes)));
}

Var transpose(const Var& x, const std::vector<int>& permutation) {
  check_defined(x, "transpose");
  Sizes p;
  for (int axis : permutation) p.push_back(x.shape().axis_index(axis, "transpose"));
  if (std::is_sorted(p.begin(), p.end()) && static_cast<int>(p.size()) == x.rank() &&
      std::adjacent_find(p.begin(), p.end()) == p.end()) {
    return x;
  }
  return apply(transpose_op, {x}, {{"permutation", p}});
}

Var transpose(const Var& x) {
  check_defined(x, "transpose");
  if (x.rank() < 2) {
    throw Error(fmt::format("transpose: needs at least two axes: a={}: rank {}",
                            to_string(x.shape()), x.rank()));
  }
  std::vector<int> p(static_cast<std::size_t>(x.rank()));
  std::iota(p.begin(), p.end(), 0);
  std::swap(p[p.size() - 1], p[p.size() - 2]);
  return transpose(x, p);
}

}  // namespace hourglass

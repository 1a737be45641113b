#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

Shape shape_attribute(const Call& c) { return Shape(c.attributes.integers("shape")); }

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

const Op& reshape_op = define({
    .name = "reshape",
    .type = reshape_type,
    .kernel = copy_kernel,
    .vjp = {[](const Call& c, const Var& g) { return reshape(g, c[0].shape()); }},
    .linear = true,
    .batch = reshape_batch,
    .follow = reshape_follow,
});

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

const Op& transpose_op = define({
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
});

// --- broadcast_to and sum_to: y[i] = x[i without the stretched axes], and the sum over what was
// stretched. They are each other's adjoints.

bool stretches(const Shape& x, const Shape& y) {
  if (x.rank() > y.rank()) return false;
  for (int i = 1; i <= x.rank(); ++i) {
    if (x[-i] != y[-i] && x[-i] != 1) return false;
  }
  return true;
}

TensorType broadcast_type(const Call& c) {
  check_arity(c, 1);
  Shape shape = shape_attribute(c);
  if (!stretches(c[0].shape(), shape)) {
    fail(c, "sizes must agree from the last axis or be 1", fmt::format("to {}", to_string(shape)));
  }
  return {std::move(shape), c[0].dtype()};
}

void broadcast_kernel(const KernelCall& k) {
  const Shape& x = *k.inputs[0].shape;
  const Shape& y = *k.output.shape;
  const ShortVector<std::int64_t> dense = strides_of(x);
  ShortVector<std::int64_t> strides(static_cast<std::size_t>(y.rank()), 0);
  for (int i = 1; i <= x.rank(); ++i) {
    if (x[-i] == y[-i])
      strides[strides.size() - static_cast<std::size_t>(i)] =
          dense[dense.size() - static_cast<std::size_t>(i)];
  }
  kernels::gather_strided(k.output.dtype, y.sizes(), strides, 0, k.inputs[0].data, k.output.data);
}

int broadcast_follow(const Call& c, int, int axis) {
  const int to = axis + c.output.rank() - c[0].rank();
  return c[0].size(axis) == c.output.size(to) ? to : kMixed;
}

// The batch axis goes in front; x gets axes of size 1 after it, so that its own axes still meet y's
// last.
Var broadcast_batch(const BatchCall& b) {
  const Shape& x = b.call[0].shape();
  const Shape& y = b.call.output.shape();
  Sizes sizes(static_cast<std::size_t>(y.rank()), 1);
  std::copy(x.sizes().begin(), x.sizes().end(), sizes.end() - x.rank());
  return broadcast_to(reshape(b.inputs[0], Shape(sizes).with_axis(0, b.size)),
                      y.with_axis(0, b.size));
}

const Op& broadcast_to_op = define({
    .name = "broadcast_to",
    .type = broadcast_type,
    .kernel = broadcast_kernel,
    .vjp = {[](const Call& c, const Var& g) { return sum_to(g, c[0].shape()); }},
    .linear = true,
    .batch = broadcast_batch,
    .follow = broadcast_follow,
});

TensorType sum_to_type(const Call& c) {
  check_arity(c, 1);
  Shape shape = shape_attribute(c);
  if (!stretches(shape, c[0].shape())) {
    fail(c, "sizes must agree from the last axis or become 1",
         fmt::format("to {}", to_string(shape)));
  }
  if (c[0].dtype() == DType::kU8) fail(c, "u8 images must be cast before they are summed");
  return {std::move(shape), c[0].dtype()};
}

// Memory for what lies between two sums, kept from call to call.
void* between_sums(std::size_t bytes, bool second) {
  thread_local std::array<std::vector<std::byte>, 2> kept;
  std::vector<std::byte>& memory = kept[second ? 1 : 0];
  if (memory.size() < bytes) memory.resize(bytes);
  return memory.data();
}

// Runs of neighbouring axes are summed one after another, the last run first: the array shrinks
// soonest.
void sum_to_kernel(const KernelCall& k) {
  const DType dtype = k.output.dtype;
  const Shape& x = *k.inputs[0].shape;
  const Shape& y = *k.output.shape;
  const int missing = x.rank() - y.rank();
  const auto summed = [&](int axis) { return x[axis] != (axis < missing ? 1 : y[axis - missing]); };
  const void* from = k.inputs[0].data;
  bool second = false;
  int last = x.rank() - 1;
  while (last >= 0 && !summed(last)) --last;
  if (last < 0) return copy_kernel(k);
  while (last >= 0) {
    int first = last;
    while (first > 0 && summed(first - 1)) --first;
    int next = first - 1;
    while (next >= 0 && !summed(next)) --next;
    const std::int64_t outer = x.product(0, first);
    const std::int64_t n = x.product(first, last + 1);
    const std::int64_t inner = y.product(std::max(0, last + 1 - missing), y.rank());
    void* to = next < 0
                   ? k.output.data
                   : between_sums(static_cast<std::size_t>(outer * inner) * size_of(dtype), second);
    kernels::reduce(kernels::Reduction::kSum, dtype, from, to, outer, n, inner);
    from = to;
    second = !second;
    last = next;
  }
}

int sum_to_follow(const Call& c, int, int axis) {
  const int to = axis - (c[0].rank() - c.output.rank());
  return to >= 0 && c.output.size(to) == c[0].size(axis) ? to : kMixed;
}

Var sum_to_batch(const BatchCall& b) {
  const Shape& x = b.call[0].shape();
  const Shape& y = b.call.output.shape();
  Sizes kept(static_cast<std::size_t>(x.rank()), 1);
  std::copy(y.sizes().begin(), y.sizes().end(), kept.end() - y.rank());
  return reshape(sum_to(b.inputs[0], Shape(kept).with_axis(0, b.size)), y.with_axis(0, b.size));
}

const Op& sum_to_op = define({
    .name = "sum_to",
    .type = sum_to_type,
    .kernel = sum_to_kernel,
    .vjp = {[](const Call& c, const Var& g) { return broadcast_to(g, c[0].shape()); }},
    .linear = true,
    .batch = sum_to_batch,
    .follow = sum_to_follow,
});

}  // namespace

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

Var broadcast_to(const Var& x, const Shape& shape) {
  if (x.defined() && x.shape() == shape) return x;
  return apply(broadcast_to_op, {x}, {{"shape", shape.sizes()}});
}

Var sum_to(const Var& x, const Shape& shape) {
  if (x.defined() && x.shape() == shape) return x;
  return apply(sum_to_op, {x}, {{"shape", shape.sizes()}});
}

Shape broadcast_shape(const Shape& a, const Shape& b, const char* who) {
  const int rank = std::max(a.rank(), b.rank());
  Sizes sizes(static_cast<std::size_t>(rank), 1);
  for (int i = 1; i <= rank; ++i) {
    const std::int64_t x = i <= a.rank() ? a[-i] : 1;
    const std::int64_t y = i <= b.rank() ? b[-i] : 1;
    if (x != y && x != 1 && y != 1) {
      throw Error(fmt::format("{}: shapes do not broadcast: a={}, b={}: {} vs {}", who,
                              to_string(a), to_string(b), x, y));
    }
    sizes[static_cast<std::size_t>(rank - i)] = x == 1 ? y : x;
  }
  return checked_shape(std::move(sizes), who, {a, b});
}

Var full(const Shape& shape, double value, DType dtype) {
  return broadcast_to(constant(value, dtype), shape);
}
Var zeros_like(const Var& x) { return full(x.shape(), 0, x.dtype()); }
Var ones_like(const Var& x) { return full(x.shape(), 1, x.dtype()); }

}  // namespace hourglass

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>

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

bool only_prepends_ones(const Shape& from, const Shape& to) {
  if (to.rank() < from.rank()) return false;
  const auto& sizes = to.sizes();
  const auto split = sizes.end() - from.rank();
  return std::all_of(sizes.begin(), split, [](std::int64_t n) { return n == 1; }) &&
         std::equal(split, sizes.end(), from.sizes().begin());
}

std::optional<Var> simplify_broadcast(const SimplifyCall& c) {
  const Shape& shape = c.node.shape();
  if (c[0].shape() == shape) return c[0];
  if (c.is(c[0], broadcast_to_op)) return broadcast_to(c[0].inputs()[0], shape);
  if (c.is(c[0], reshape_op) && only_prepends_ones(c[0].inputs()[0].shape(), c[0].shape())) {
    return broadcast_to(c[0].inputs()[0], shape);
  }
  return {};
}

// What is stretched gets a label that no factor carries.
bool broadcast_form(const Call& c, contract::Term& term) {
  const auto rank = static_cast<std::size_t>(c.output.rank());
  contract::Axes out(rank - term.out.size());
  out.insert(out.end(), term.out.begin(), term.out.end());
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = c.output.size(static_cast<int>(i));
    if (out[i].empty() && size > 1) out[i] = {contract::fresh(size)};
  }
  term.out = std::move(out);
  return true;
}

}  // namespace

const Op& internal::broadcast_to_op = define({
    .name = "broadcast_to",
    .type = broadcast_type,
    .kernel = broadcast_kernel,
    .vjp = {[](const Call& c, const Var& g) { return sum_to(g, c[0].shape()); }},
    .linear = true,
    .batch = broadcast_batch,
    .follow = broadcast_follow,
    .cost = cost_nothing,
    .simplify = simplify_broadcast,
    .form = {.relabel = broadcast_form, .spreads = true},
    .repeats = true,
    .keeps_small_errors = true,
});

namespace {

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

std::optional<Var> simplify_sum_to(const SimplifyCall& c) {
  if (c[0].shape() == c.node.shape()) return c[0];
  if (c[0].elements() == c.node.elements()) return reshape(c[0], c.node.shape());
  return {};
}

bool sum_to_form(const Call& c, contract::Term& term) {
  const auto rank = static_cast<std::size_t>(c.output.rank());
  contract::AxisNumbers kept;
  for (std::size_t i = 0; i < rank; ++i) {
    if (c.output.size(static_cast<int>(i)) != 1) kept.push_back(term.out.size() - rank + i);
  }
  contract::keep_axes(term, kept);
  contract::Axes out;
  auto next = term.out.begin();
  for (std::size_t i = 0; i < rank; ++i) {
    out.push_back(c.output.size(static_cast<int>(i)) == 1 ? contract::Axis{} : *next++);
  }
  term.out = std::move(out);
  return true;
}

}  // namespace

const Op& internal::sum_to_op = define({
    .name = "sum_to",
    .type = sum_to_type,
    .kernel = sum_to_kernel,
    .vjp = {[](const Call& c, const Var& g) { return broadcast_to(g, c[0].shape()); }},
    .linear = true,
    .batch = sum_to_batch,
    .follow = sum_to_follow,
    .simplify = simplify_sum_to,
    .form = {.relabel = sum_to_form},
    .folds = true,
    .keeps_small_errors = true,
});

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
Var full_like(const Var& x, double value) { return full(x.shape(), value, x.dtype()); }
Var zeros_like(const Var& x) { return full(x.shape(), 0, x.dtype()); }
Var ones_like(const Var& x) { return full(x.shape(), 1, x.dtype()); }

}  // namespace hourglass

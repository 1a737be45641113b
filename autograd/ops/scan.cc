#include <vector>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"

// Running sums along an axis, and products over axes.

namespace hourglass {

using namespace internal;

namespace {

// --- cumsum: y[i] = sum of x[j] over j <= i, over j < i if exclusive, over j >= i or j > i if
// reversed. Its adjoint runs the other way.

void cumsum_kernel(const KernelCall& k) {
  const AlongAxis along(*k.output.shape, axis_of(k.attributes));
  kernels::cumsum(k.output.dtype, k.inputs[0].data, k.output.data, along.outer, along.n,
                  along.inner, k.attributes.flag("exclusive"), k.attributes.flag("reverse"));
}

const Op& cumsum_op = define({
    .name = "cumsum",
    .type =
        [](const Call& c) {
          check_arity(c, 1);
          return same_as_first(c);
        },
    .kernel = cumsum_kernel,
    .vjp = {[](const Call& c, const Var& g) {
      const bool reverse = c.attributes.flag("reverse");
      return apply(c.op, {g}, c.attributes.with("reverse", !reverse));
    }},
    .linear = true,
    .batch =
        [](const BatchCall& b) {
          const Attributes& a = b.call.attributes;
          return apply(b.call.op, {b.inputs[0]}, a.with("axis", a.integer("axis") + 1));
        },
    .follow = [](const Call& c, int,
                 int axis) { return axis == axis_of(c.attributes) ? kMixed : axis; },
});

// --- prod over the last axis.

TensorType prod_type(const Call& c) {
  check_arity(c, 1);
  check_real(c, 0);
  if (c[0].rank() == 0) fail(c, "needs at least one axis");
  return {c[0].shape().without_axis(c[0].rank() - 1), c[0].dtype()};
}

void prod_kernel(const KernelCall& k) {
  kernels::reduce(kernels::Reduction::kProd, k.output.dtype, k.inputs[0].data, k.output.data,
                  k.elements(), (*k.inputs[0].shape)[-1], 1);
}

// One level of a tree of products: the front half times the back half, and an odd one out.
struct Level {
  Var front, back, odd;  // odd is undefined where the count is even
};

Level halve(const Var& x) {
  const std::int64_t n = x.size(-1);
  const std::int64_t half = n / 2;
  return {slice(x, -1, {0, half}), slice(x, -1, {half, 2 * half}),
          n % 2 == 1 ? slice(x, -1, {n - 1, n}) : Var()};
}

// d prod(x) / d x[i] = the product of all others, g times which is taken down a tree of pairs: a
// pair's cotangent times the one is the cotangent of the other. y / x[i] would be 0 / 0 for a zero,
// and its derivatives wrong; here all orders are right, and each costs O(n).
Var prod_adjoint(const Call& c, const Var& g) {
  std::vector<Level> levels;
  Var x = c[0];
  if (x.size(-1) == 0) return zeros_like(x);
  while (x.size(-1) > 1) {
    levels.push_back(halve(x));
    const Level& level = levels.back();
    x = level.front * level.back;
    if (level.odd.defined()) x = concat({x, level.odd}, -1);
  }
  Var cotangent = expand_dims(g, -1);
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    const std::int64_t half = level->front.size(-1);
    const Var pairs = slice(cotangent, -1, {0, half});
    std::vector<Var> parts = {pairs * level->back, pairs * level->front};
    if (level->odd.defined()) parts.push_back(slice(cotangent, -1, {half, half + 1}));
    cotangent = concat(parts, -1);
  }
  return cotangent;
}

const Op& prod_op = define({
    .name = "prod",
    .type = prod_type,
    .kernel = prod_kernel,
    .vjp = {prod_adjoint},
    .batch = [](const BatchCall& b) { return apply(b.call.op, {b.inputs[0]}); },
    .follow = [](const Call& c, int, int axis) { return axis < c[0].rank() - 1 ? axis : kMixed; },
});

}  // namespace

Var cumsum(const Var& x, int axis, bool exclusive, bool reverse) {
  check_defined(x, "cumsum");
  const std::int64_t which = x.shape().axis_index(axis, "cumsum");
  return apply(cumsum_op, {x}, {{"axis", which}, {"exclusive", exclusive}, {"reverse", reverse}});
}

Var prod(const Var& x, const std::vector<int>& axes, bool keepdims) {
  check_defined(x, "prod");
  const std::vector<int> which = normalize_axes(x.shape(), axes, "prod");
  const Var y =
      in_context_of("prod", {x}, [&] { return apply(prod_op, {join_axes_last(x, which)}); });
  return reshape(y, reduced_shape(x.shape(), which, keepdims));
}

}  // namespace hourglass

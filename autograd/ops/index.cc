#include <fmt/core.h>

#include <numeric>

#include "autograd/graph/cost.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// Indexing by i32 arrays along an axis: take and its adjoint scatter_add, and what is graph code
// over them.

namespace hourglass {

using namespace internal;

namespace {

void check_indices(const Call& c) {
  check_arity(c, 2);
  if (c[1].dtype() != DType::kI32) {
    fail(c, "indices must be i32", fmt::format("got {}", name_of(c[1].dtype())));
  }
}

// `shape` with axes [first, last) replaced by the axes of `by`.
Shape replace_axes(const Shape& shape, int first, int last, const Shape& by) {
  const Sizes& all = shape.sizes();
  Sizes sizes(all.begin(), all.begin() + first);
  sizes.insert(sizes.end(), by.sizes().begin(), by.sizes().end());
  sizes.insert(sizes.end(), all.begin() + last, all.end());
  return Shape(std::move(sizes));
}

// The permutation that moves `count` axes from `from` to `to` (counted without them).
std::vector<int> moving(int rank, int from, int count, int to) {
  std::vector<int> order(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  const std::vector<int> block(order.begin() + from, order.begin() + from + count);
  order.erase(order.begin() + from, order.begin() + from + count);
  order.insert(order.begin() + to, block.begin(), block.end());
  return order;
}

// --- take: x [outer.., n, inner..], indices [k..] -> y [outer.., k.., inner..].

TensorType take_type(const Call& c) {
  check_indices(c);
  const int axis = axis_of(c.attributes);
  return {replace_axes(c[0].shape(), axis, axis + 1, c[1].shape()), c[0].dtype()};
}

void take_kernel(const KernelCall& k) {
  const AlongAxis x(*k.inputs[0].shape, axis_of(k.attributes));
  kernels::take(k.output.dtype, k.inputs[0].data, x.outer, x.n, x.inner,
                k.inputs[1].as<std::int32_t>(), k.inputs[1].shape->elements(), k.output.data);
}

Var take_batch(const BatchCall& b) {
  const int axis = axis_of(b.call.attributes);
  if (!b.batched[1]) return take(b.inputs[0], b.inputs[1], axis + 1);
  const int k = b.call[1].rank();
  const int rank = b.call.output.rank() + 1;
  if (!b.batched[0]) {
    return transpose(take(b.inputs[0], b.inputs[1], axis), moving(rank, axis, 1, 0));
  }
  const std::int64_t n = b.call[0].size(axis);
  const Var x = transpose(b.inputs[0], moving(b.inputs[0].rank(), axis + 1, 1, 1));
  const Var joined = reshape(x, replace_axes(x.shape(), 0, 2, Shape{b.size * n}));
  const Var y = take(joined, joined_indices(b, b.inputs[1], n), 0);
  return transpose(y, moving(rank, 1, k, 1 + axis));
}

int take_follow(const Call& c, int argument, int axis) {
  const int at = axis_of(c.attributes);
  if (argument == 1) return at + axis;
  if (axis == at) return kMixed;
  return axis < at ? axis : axis - 1 + c[1].rank();
}

const Op& take_op = define({
    .name = "take",
    .type = take_type,
    .kernel = take_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              const int axis = axis_of(c.attributes);
              return scatter_add(g, c[1], axis, c[0].size(axis));
            },
            kZero},
    .linear = true,
    .batch = take_batch,
    .follow = take_follow,
    .cost = cost_nothing,
});

// --- scatter_add: x [outer.., k.., inner..], indices [k..] -> y [outer.., n, inner..].

TensorType scatter_add_type(const Call& c) {
  check_indices(c);
  check_real(c, 0);
  const int axis = axis_of(c.attributes);
  const int k = c[1].rank();
  if (axis + k > c[0].rank() ||
      replace_axes(c[0].shape(), axis, axis + k, c[1].shape()) != c[0].shape()) {
    fail(c, "needs one index an element",
         fmt::format("axes {} to {} of a vs b", axis, axis + k - 1));
  }
  return {replace_axes(c[0].shape(), axis, axis + k, Shape{c.attributes.integer("n")}),
          c[0].dtype()};
}

void scatter_add_kernel(const KernelCall& k) {
  const AlongAxis y(*k.output.shape, axis_of(k.attributes));
  kernels::scatter_add(k.output.dtype, k.inputs[0].data, y.outer, y.n, y.inner,
                       k.inputs[1].as<std::int32_t>(), k.inputs[1].shape->elements(),
                       k.output.data);
}

Var scatter_add_batch(const BatchCall& b) {
  const int axis = axis_of(b.call.attributes);
  const std::int64_t n = b.call.attributes.integer("n");
  if (!b.batched[1]) return scatter_add(b.inputs[0], b.inputs[1], axis + 1, n);
  const int k = b.call[1].rank();
  const Var x = with_axis(b, 0);
  const Var front = transpose(x, moving(x.rank(), axis + 1, k, 1));
  const Var y = scatter_add(front, joined_indices(b, b.inputs[1], n), 0, b.size * n);
  const Var apart = reshape(y, replace_axes(y.shape(), 0, 1, Shape{b.size, n}));
  return transpose(apart, moving(apart.rank(), 1, 1, 1 + axis));
}

int scatter_add_follow(const Call& c, int argument, int axis) {
  const int at = axis_of(c.attributes);
  const int k = c[1].rank();
  if (argument == 1 || (axis >= at && axis < at + k)) return kMixed;
  return axis < at ? axis : axis + 1 - k;
}

const Op& scatter_add_op = define({
    .name = "scatter_add",
    .type = scatter_add_type,
    .kernel = scatter_add_kernel,
    .vjp = {[](const Call& c, const Var& g) { return take(g, c[1], axis_of(c.attributes)); },
            kZero},
    .linear = true,
    .batch = scatter_add_batch,
    .follow = scatter_add_follow,
});

}  // namespace

Var take(const Var& x, const Var& indices, int axis) {
  check_defined(x, "take");
  const std::int64_t which = x.shape().axis_index(axis, "take");
  return apply(take_op, {x, indices}, {{"axis", which}});
}

Var scatter_add(const Var& x, const Var& indices, int axis, std::int64_t n) {
  check_defined(x, "scatter_add");
  check_defined(indices, "scatter_add");
  const int rank = x.rank() - indices.rank() + 1;  // of the result
  if (axis < -rank || axis >= rank) {
    throw Error(
        fmt::format("scatter_add: axis out of range: a={}, b={}: axis {}: expected {} to {}",
                    to_string(x.shape()), to_string(indices.shape()), axis, -rank, rank - 1));
  }
  const std::int64_t which = axis < 0 ? axis + rank : axis;
  return apply(scatter_add_op, {x, indices}, {{"axis", which}, {"n", n}});
}

Var embedding(const Var& weight, const Var& indices) {
  check_defined(weight, "embedding");
  if (weight.rank() != 2) {
    throw Error(fmt::format("embedding: the table must be a matrix: a={}: rank {}",
                            to_string(weight.shape()), weight.rank()));
  }
  return in_context_of("embedding", {weight, indices}, [&] { return take(weight, indices, 0); });
}

Var one_hot(const Var& indices, std::int64_t n, DType dtype) {
  check_defined(indices, "one_hot");
  if (indices.dtype() != DType::kI32) {
    throw Error(fmt::format("one_hot: indices must be i32: a={}: got {}",
                            to_string(indices.shape()), name_of(indices.dtype())));
  }
  // The result is refused here, before an array of n numbers is made.
  Sizes sizes = indices.shape().sizes();
  sizes.push_back(n);
  const Shape result = checked_shape(std::move(sizes), "one_hot", {indices.shape()});
  if (n > std::numeric_limits<std::int32_t>::max()) {
    throw Error(fmt::format("one_hot: more classes than an i32 index can name: {}", n));
  }
  std::vector<std::int32_t> classes(static_cast<std::size_t>(Shape{n}.elements()));
  std::iota(classes.begin(), classes.end(), 0);
  const Var spread = broadcast_to(expand_dims(indices, -1), result);
  return cast(equal(spread, constant(Tensor::from(classes, Shape{n}))), dtype);
}

}  // namespace hourglass

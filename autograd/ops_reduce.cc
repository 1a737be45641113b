#include <fmt/core.h>

#include <algorithm>

#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

using Sizes = std::vector<std::int64_t>;

// Sorted, non-negative, each once; all axes if none is named.
std::vector<int> normalize(const Shape& shape, const std::vector<int>& axes, const char* who) {
  std::vector<int> result;
  for (int axis : axes) result.push_back(shape.axis_index(axis, who));
  if (axes.empty()) {
    for (int i = 0; i < shape.rank(); ++i) result.push_back(i);
  }
  std::sort(result.begin(), result.end());
  const auto twice = std::adjacent_find(result.begin(), result.end());
  if (twice != result.end()) {
    throw Error(fmt::format("{}: axis named twice: a={}: axis {}", who, to_string(shape), *twice));
  }
  return result;
}

bool contains(const std::vector<int>& axes, int axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// The shape with the axes gone, or of size 1.
Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims) {
  Sizes sizes;
  for (int i = 0; i < shape.rank(); ++i) {
    if (!contains(axes, i)) {
      sizes.push_back(shape[i]);
    } else if (keepdims) {
      sizes.push_back(1);
    }
  }
  return Shape(std::move(sizes));
}

// --- arg_reduce: the index of the first largest (or smallest) number along the last axis.

TensorType arg_reduce_type(const Call& c) {
  check_arity(c, 1);
  if (c[0].rank() == 0) fail(c, "needs at least one axis");
  if (c[0].dtype() == DType::kU8) fail(c, "u8 images must be cast before they are compared");
  if (c[0].size(-1) == 0) fail(c, "an empty axis has no largest element");
  return {c[0].shape().without_axis(c[0].rank() - 1), DType::kI32};
}

template <kernels::Reduction kind>
void arg_reduce_kernel(const KernelCall& k) {
  const std::int64_t n = (*k.inputs[0].shape)[-1];
  kernels::reduce(kind, k.inputs[0].dtype, k.inputs[0].data, k.output.data, k.elements(), n, 1);
}

int keep_all_but_last(const Call& c, int, int axis) {
  return axis < c[0].rank() - 1 ? axis : kMixed;
}

const Op& argmax_op = define({
    .name = "argmax",
    .type = arg_reduce_type,
    .kernel = arg_reduce_kernel<kernels::Reduction::kArgmax>,
    .vjp = {kZero},
    .batch = [](const BatchCall& b) { return apply(b.call.op, {b.inputs[0]}); },
    .follow = keep_all_but_last,
});

const Op& argmin_op = define({
    .name = "argmin",
    .type = arg_reduce_type,
    .kernel = arg_reduce_kernel<kernels::Reduction::kArgmin>,
    .vjp = {kZero},
    .batch = [](const BatchCall& b) { return apply(b.call.op, {b.inputs[0]}); },
    .follow = keep_all_but_last,
});

// --- take_along and scatter_along: y[.., j] = x[.., indices[.., j]], linear in x, and its adjoint.

TensorType take_along_type(const Call& c) {
  check_arity(c, 2);
  if (c[1].dtype() != DType::kI32) {
    fail(c, "indices must be i32", fmt::format("got {}", name_of(c[1].dtype())));
  }
  const int rank = c[0].rank();
  if (rank == 0 || c[1].rank() != rank ||
      c[0].shape().without_axis(rank - 1) != c[1].shape().without_axis(rank - 1)) {
    fail(c, "all axes but the last must agree");
  }
  return {c[1].shape(), c[0].dtype()};
}

std::int64_t rows_of(const Shape& shape) { return shape.product(0, shape.rank() - 1); }

void take_along_kernel(const KernelCall& k) {
  const Shape& x = *k.inputs[0].shape;
  kernels::take_along_rows(k.output.dtype, k.inputs[0].data, rows_of(x), x[-1],
                           k.inputs[1].as<std::int32_t>(), (*k.output.shape)[-1], k.output.data);
}

Var take_along_batch(const BatchCall& b) { return take_along(b.with_axis(0), b.with_axis(1)); }

const Op& take_along_op = define({
    .name = "take_along",
    .type = take_along_type,
    .kernel = take_along_kernel,
    .vjp = {[](const Call& c, const Var& g) { return scatter_along(g, c[1], c[0].size(-1)); },
            kZero},
    .linear = true,
    .batch = take_along_batch,
    .follow = keep_all_but_last,
});

TensorType scatter_along_type(const Call& c) {
  TensorType type = take_along_type(c);
  if (c[0].shape() != c[1].shape()) fail(c, "needs one index a number");
  const int last = c[0].rank() - 1;
  return {c[0].shape().without_axis(last).with_axis(last, c.attributes.integer("n")), type.dtype};
}

void scatter_along_kernel(const KernelCall& k) {
  const Shape& x = *k.inputs[0].shape;
  kernels::scatter_add_along_rows(k.output.dtype, k.inputs[0].data, rows_of(x),
                                  (*k.output.shape)[-1], k.inputs[1].as<std::int32_t>(), x[-1],
                                  k.output.data);
}

const Op& scatter_along_op = define({
    .name = "scatter_along",
    .type = scatter_along_type,
    .kernel = scatter_along_kernel,
    .vjp = {[](const Call& c, const Var& g) { return take_along(g, c[1]); }, kZero},
    .linear = true,
    .batch =
        [](const BatchCall& b) {
          return scatter_along(b.with_axis(0), b.with_axis(1), b.call.attributes.integer("n"));
        },
    .follow = keep_all_but_last,
});

// x with the axes moved last and joined into one: [kept..., product of the axes].
Var gather_axes(const Var& x, const std::vector<int>& axes) {
  std::vector<int> order;
  for (int i = 0; i < x.rank(); ++i) {
    if (!contains(axes, i)) order.push_back(i);
  }
  Shape joined = reduced_shape(x.shape(), axes, false);
  std::int64_t n = 1;
  for (int axis : axes) {
    order.push_back(axis);
    n *= x.size(axis);
  }
  return reshape(transpose(x, order), joined.with_axis(joined.rank(), n));
}

Var arg_reduce(const Op& op, const Var& x, const std::vector<int>& axes, bool keepdims) {
  const std::vector<int> which = normalize(x.shape(), axes, op.name.data());
  return reshape(apply(op, {gather_axes(x, which)}), reduced_shape(x.shape(), which, keepdims));
}

// The chosen element of each group: an index op and a gather that is linear in its data.
Var select(const Op& op, const Var& x, const std::vector<int>& axes, bool keepdims) {
  const std::vector<int> which = normalize(x.shape(), axes, op.name.data());
  const Var joined = gather_axes(x, which);
  const Var index = apply(op, {joined});
  const Var chosen = take_along(joined, reshape(index, index.shape().with_axis(index.rank(), 1)));
  return reshape(chosen, reduced_shape(x.shape(), which, keepdims));
}

}  // namespace

Var sum(const Var& x, const std::vector<int>& axes, bool keepdims) {
  const std::vector<int> which = normalize(x.shape(), axes, "sum");
  return reshape(sum_to(x, reduced_shape(x.shape(), which, true)),
                 reduced_shape(x.shape(), which, keepdims));
}

Var mean(const Var& x, const std::vector<int>& axes, bool keepdims) {
  const Var total = sum(x, axes, keepdims);
  const std::int64_t kept = total.elements();
  if (x.elements() == 0) {
    throw Error(fmt::format("mean: of no elements: a={}", to_string(x.shape())));
  }
  return total * (1.0 / static_cast<double>(x.elements() / kept));
}

Var argmax(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return arg_reduce(argmax_op, x, axes, keepdims);
}
Var argmin(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return arg_reduce(argmin_op, x, axes, keepdims);
}
Var max(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return select(argmax_op, x, axes, keepdims);
}
Var min(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return select(argmin_op, x, axes, keepdims);
}

Var take_along(const Var& x, const Var& indices) { return apply(take_along_op, {x, indices}); }
Var scatter_along(const Var& x, const Var& indices, std::int64_t n) {
  return apply(scatter_along_op, {x, indices}, {{"n", n}});
}

}  // namespace hourglass

#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

// --- arg_reduce: the index of the first largest (or smallest) number along the last axis.

TensorType arg_reduce_type(const Call& c) {
  check_arity(c, 1);
  if (c[0].rank() == 0) fail(c, "needs at least one axis");
  if (c[0].dtype() == DType::kU8) fail(c, "u8 images must be cast before they are compared");
  if (c[0].size(-1) == 0) fail(c, "an empty axis has no largest element");
  check_countable(c, c[0].size(-1));
  return {c[0].shape().without_axis(c[0].rank() - 1), DType::kI32};
}

template <kernels::Reduction kind>
void arg_reduce_kernel(const KernelCall& k) {
  const std::int64_t n = (*k.inputs[0].shape)[-1];
  kernels::reduce(kind, k.inputs[0].dtype, k.inputs[0].data, k.output.data, k.elements(), n, 1);
}

const Op& argmax_op = define({
    .name = "argmax",
    .type = arg_reduce_type,
    .kernel = arg_reduce_kernel<kernels::Reduction::kArgmax>,
    .vjp = {kZero},
    .batch = batch_as_it_is,
    .follow = keep_all_but_last,
});

const Op& argmin_op = define({
    .name = "argmin",
    .type = arg_reduce_type,
    .kernel = arg_reduce_kernel<kernels::Reduction::kArgmin>,
    .vjp = {kZero},
    .batch = batch_as_it_is,
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

Var take_along_batch(const BatchCall& b) { return take_along(with_axis(b, 0), with_axis(b, 1)); }

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
          return scatter_along(with_axis(b, 0), with_axis(b, 1), b.call.attributes.integer("n"));
        },
    .follow = keep_all_but_last,
});

void check_some(const Var& x, const std::vector<int>& axes, const char* who) {
  for (int axis : axes) {
    if (x.size(axis) > 0) continue;
    throw Error(fmt::format("{}: of no elements: a={}", who, to_string(x.shape())));
  }
}

Var arg_reduce(const Op& op, const Var& x, const std::vector<int>& axes, bool keepdims) {
  check_defined(x, op.name.data());
  const std::vector<int> which = normalize_axes(x.shape(), axes, op.name.data());
  check_some(x, which, op.name.data());
  const Var index =
      in_context_of(op.name, {x}, [&] { return apply(op, {join_axes_last(x, which)}); });
  return reshape(index, reduced_shape(x.shape(), which, keepdims));
}

// The chosen element of each group: an index op and a gather that is linear in its data.
Var select(const Op& op, const char* who, const Var& x, const std::vector<int>& axes,
           bool keepdims) {
  check_defined(x, who);
  const std::vector<int> which = normalize_axes(x.shape(), axes, who);
  check_some(x, which, who);
  const Var joined = join_axes_last(x, which);
  const Var index = in_context_of(who, {x}, [&] { return apply(op, {joined}); });
  const Var chosen = take_along(joined, reshape(index, index.shape().with_axis(index.rank(), 1)));
  return reshape(chosen, reduced_shape(x.shape(), which, keepdims));
}

// How many elements each group over the axes has.
std::int64_t count_over(const Var& x, const std::vector<int>& axes, const char* who) {
  check_real(x, who);
  std::int64_t count = 1;
  for (int axis : normalize_axes(x.shape(), axes, who)) count *= x.size(axis);
  return count;
}

}  // namespace

Var sum(const Var& x, const std::vector<int>& axes, bool keepdims) {
  check_defined(x, "sum");
  const std::vector<int> which = normalize_axes(x.shape(), axes, "sum");
  const Shape one = reduced_shape(x.shape(), which, true);
  const Var kept = in_context_of("sum", {x}, [&] { return sum_to(x, one); });
  return reshape(kept, reduced_shape(x.shape(), which, keepdims));
}

Var mean(const Var& x, const std::vector<int>& axes, bool keepdims) {
  const std::int64_t count = count_over(x, axes, "mean");
  if (count == 0) throw Error(fmt::format("mean: of no elements: a={}", to_string(x.shape())));
  return sum(x, axes, keepdims) / static_cast<double>(count);
}

Var variance(const Var& x, const std::vector<int>& axes, bool keepdims, int correction) {
  const std::int64_t count = count_over(x, axes, "variance");
  if (count <= correction || count == 0) {
    throw Error(fmt::format("variance: needs more elements than the correction: a={}: {} vs {}",
                            to_string(x.shape()), count, correction));
  }
  // From the first number of each group on, so that equal numbers have no variance at all.
  std::vector<Range> first(static_cast<std::size_t>(x.rank()));
  for (int axis : normalize_axes(x.shape(), axes, "variance")) {
    first[static_cast<std::size_t>(axis)].stop = 1;
  }
  const Var moved = x - stop_gradient(slice(x, first));
  const Var squares = square(moved - mean(moved, axes, true));
  return sum(squares, axes, keepdims) / static_cast<double>(count - correction);
}

Var norm(const Var& x, const std::vector<int>& axes, bool keepdims) {
  check_real(x, "norm");
  const std::vector<int> which = normalize_axes(x.shape(), axes, "norm");
  return flat_sqrt(x.rank() == 0 ? square(x) : sum(square(x), which, keepdims));
}

Var argmax(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return arg_reduce(argmax_op, x, axes, keepdims);
}
Var argmin(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return arg_reduce(argmin_op, x, axes, keepdims);
}
Var max(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return select(argmax_op, "max", x, axes, keepdims);
}
Var min(const Var& x, const std::vector<int>& axes, bool keepdims) {
  return select(argmin_op, "min", x, axes, keepdims);
}

Var take_along(const Var& x, const Var& indices) { return apply(take_along_op, {x, indices}); }
Var scatter_along(const Var& x, const Var& indices, std::int64_t n) {
  return apply(scatter_along_op, {x, indices}, {{"n", n}});
}

}  // namespace hourglass

#include <fmt/core.h>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// Orders along the last axis. The ops give i32 indices; values are gathered with take_along, which
// is linear in its data, so derivatives of every order follow.

namespace hourglass {

using namespace internal;

namespace {

TensorType order_type(const Call& c) {
  check_arity(c, 1);
  if (c[0].rank() == 0) fail(c, "needs at least one axis");
  if (c[0].dtype() == DType::kU8) fail(c, "u8 images must be cast before they are compared");
  check_countable(c, c[0].size(-1));
  return {c[0].shape(), DType::kI32};
}

TensorType top_k_type(const Call& c) {
  const TensorType x = order_type(c);
  const std::int64_t k = c.attributes.integer("k");
  const int last = x.shape.rank() - 1;
  if (k < 0 || k > x.shape[last]) {
    fail(c, "k must be 0 to the size of the axis", fmt::format("{} vs {}", k, x.shape[last]));
  }
  return {x.shape.without_axis(last).with_axis(last, k), x.dtype};
}

void argsort_kernel(const KernelCall& k) {
  const Shape& x = *k.inputs[0].shape;
  kernels::argsort(k.inputs[0].dtype, k.inputs[0].data, x.product(0, x.rank() - 1), x[-1],
                   k.attributes.flag("descending"), k.output.as<std::int32_t>());
}

void top_k_kernel(const KernelCall& k) {
  const Shape& x = *k.inputs[0].shape;
  kernels::top_k(k.inputs[0].dtype, k.inputs[0].data, x.product(0, x.rank() - 1), x[-1],
                 k.attributes.integer("k"), k.output.as<std::int32_t>());
}

const Op& argsort_op = define({
    .name = "argsort",
    .type = order_type,
    .kernel = argsort_kernel,
    .vjp = {kZero},
    .batch = batch_as_it_is,
    .follow = keep_all_but_last,
});

const Op& top_k_op = define({
    .name = "top_k",
    .type = top_k_type,
    .kernel = top_k_kernel,
    .vjp = {kZero},
    .batch = batch_as_it_is,
    .follow = keep_all_but_last,
});

int checked_axis(const Var& x, int axis, const char* who) {
  check_defined(x, who);
  return x.shape().axis_index(axis, who);
}

Var argsort_last(const Var& x, bool descending) {
  return apply(argsort_op, {x}, {{"descending", descending}});
}

}  // namespace

Var argsort(const Var& x, int axis, bool descending) {
  const int which = checked_axis(x, axis, "argsort");
  return move_last_to(argsort_last(move_axis_last(x, which), descending), which);
}

Var sort(const Var& x, int axis, bool descending) {
  const int which = checked_axis(x, axis, "sort");
  const Var rows = move_axis_last(x, which);
  const Var order = in_context_of("sort", {x}, [&] { return argsort_last(rows, descending); });
  return move_last_to(take_along(rows, order), which);
}

TopK top_k(const Var& x, std::int64_t k, int axis) {
  const int which = checked_axis(x, axis, "top_k");
  const Var rows = move_axis_last(x, which);
  const Var indices = in_context_of("top_k", {x}, [&] {
    return apply(top_k_op, {rows}, {{"k", k}});
  });
  return {move_last_to(take_along(rows, indices), which), move_last_to(indices, which)};
}

Var top_k_mask(const Var& x, std::int64_t k, int axis) {
  const int which = checked_axis(x, axis, "top_k_mask");
  const Var rows = move_axis_last(x, which);
  const Var indices = in_context_of("top_k_mask", {x}, [&] {
    return apply(top_k_op, {rows}, {{"k", k}});
  });
  const Var ones = full(indices.shape(), 1, x.dtype());
  return move_last_to(scatter_along(ones, indices, rows.size(-1)), which);
}

}  // namespace hourglass

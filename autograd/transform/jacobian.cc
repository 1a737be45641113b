#include <fmt/core.h>

#include <optional>

#include "autograd/graph/errors.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/checkpoint.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

// [y..., x...]
Shape joint_shape(const char* who, const Shape& y, const Shape& x) {
  Sizes sizes = y.sizes();
  sizes.insert(sizes.end(), x.sizes().begin(), x.sizes().end());
  return checked_shape(std::move(sizes), who, {y, x});
}

// The unit vectors of a shape: [n, shape...], an identity matrix to whoever wants to see one.
Var units(const Shape& shape, DType dtype) {
  return reshape(eye(shape.elements(), dtype), shape.with_axis(0, shape.elements()));
}

// x's first axis moved behind the next `count`.
Var first_axis_to(const Var& x, int count) {
  std::vector<int> order;
  for (int i = 1; i <= count; ++i) order.push_back(i);
  order.push_back(0);
  for (int i = count + 1; i < x.rank(); ++i) order.push_back(i);
  return transpose(x, order);
}

// Does the derivative of `node` go through this input?
bool carries_derivative(const Var& node, std::size_t k) {
  if ((is_checkpoint(node) && k > 0) || node.inputs()[k].elements() == 0) return false;
  if (!is_real(node.dtype()) || !is_real(node.inputs()[k].dtype())) return false;
  const Derivative& d = node.op().derivative(static_cast<int>(k));
  return d.rule != nullptr || d.kind != NoRule::kZero;
}

[[noreturn]] void fail_mixed(const Var& node) {
  std::string where = node.label().empty() ? node.scope() : node.label();
  if (!where.empty()) where = " in " + where;
  throw Error(
      fmt::format("batch_jacobian: {}{} mixes rows: {}, y={}: a row of y needs more than "
                  "its row of x",
                  node.op().name, where, inputs_text(call_of(node)), to_string(node.shape())));
}

// Where the B rows of x are in a value: along an axis, of which the row is (index / inner) mod B.
// That inner is not 1 where a reshape has joined the axis of the rows with others (vmap does).
struct Rows {
  int axis = 0;
  std::int64_t inner = 1;
  bool operator==(const Rows&) const = default;
};

// A reshape keeps the order of all numbers, so it keeps how far apart two rows are in it.
std::optional<Rows> rows_after_reshape(const Rows& rows, std::int64_t count, const Shape& x,
                                       const Shape& y) {
  const std::int64_t apart = rows.inner * x.product(rows.axis + 1, x.rank());
  for (int axis = 0; axis < y.rank(); ++axis) {
    const std::int64_t stride = y.product(axis + 1, y.rank());
    const bool starts = apart >= stride && apart % stride == 0;
    if (starts && (stride * y[axis]) % (apart * count) == 0) return Rows{axis, apart / stride};
  }
  return {};
}

std::optional<Rows> rows_after(const Var& node, std::size_t k, const Rows& rows,
                               std::int64_t count) {
  if (&node.op() == &reshape_op) {
    return rows_after_reshape(rows, count, node.inputs()[0].shape(), node.shape());
  }
  const int axis = follow_axis(node, static_cast<int>(k), rows.axis);
  if (axis == kMixed) return {};
  return Rows{axis, rows.inner};
}

// The nodes whose values the derivative of y goes through, inputs before users, down to x.
std::vector<Var> on_the_way(const Var& y, const Var& x) {
  Replacements stop;
  stop.insert(x, x);
  std::vector<Var> order = ancestors({y}, stop);
  VarSet reached({y});
  for (std::size_t i = order.size(); i-- > 0;) {
    const Var& node = order[i];
    if (!reached.contains(node) || node.same(x)) continue;
    for (std::size_t k = 0; k < node.inputs().size(); ++k) {
      if (carries_derivative(node, k)) reached.insert(node.inputs()[k]);
    }
  }
  std::erase_if(order, [&](const Var& node) { return !reached.contains(node); });
  return order;
}

// Row i of y must depend on row i of x alone: the rows are followed op by op.
void check_rows(const Var& y, const Var& x) {
  const std::int64_t count = x.size(0);
  if (count <= 1) return;
  VarMap<Rows> places;
  places.insert(x, {});
  for (const Var& node : on_the_way(y, x)) {
    if (node.same(x)) continue;
    for (std::size_t k = 0; k < node.inputs().size(); ++k) {
      const Rows* from = places.find(node.inputs()[k]);
      if (!from || !carries_derivative(node, k)) continue;
      const std::optional<Rows> rows = rows_after(node, k, *from, count);
      if (!rows) fail_mixed(node);
      places.insert(node, *rows);
      if (places.at(node) != *rows) fail_mixed(node);
    }
  }
  const Rows* found = places.find(y);
  if (found && *found != Rows{}) {
    throw Error(fmt::format("batch_jacobian: the rows of x are axis {} of y: x={}, y={}",
                            found->axis, to_string(x.shape()), to_string(y.shape())));
  }
}

void check_scalar(const char* who, const Var& y) {
  if (y.rank() == 0) return;
  throw Error(
      fmt::format("{}: y must be a scalar: y={}: take its sum or mean", who, to_string(y.shape())));
}

}  // namespace

Var jacobian(const Var& y, const Var& x) {
  check_differentiable(y, "jacobian", "y");
  check_differentiable(x, "jacobian", "x");
  const Shape all = joint_shape("jacobian", y.shape(), x.shape());
  if (x.elements() < y.elements()) {  // fewer tangents than cotangents
    const Var dummy = input(x.shape(), x.dtype());
    const Var columns = vmap(jvp(y, {x}, {dummy}), {dummy}, {units(x.shape(), x.dtype())});
    return reshape(first_axis_to(columns, y.rank()), all);
  }
  const Var dummy = input(y.shape(), y.dtype());
  const Var rows = vmap(vjp(y, {x}, dummy)[0], {dummy}, {units(y.shape(), y.dtype())});
  return reshape(rows, all);
}

Var batch_jacobian(const Var& y, const Var& x) {
  check_differentiable(y, "batch_jacobian", "y");
  check_differentiable(x, "batch_jacobian", "x");
  if (x.rank() == 0 || y.rank() == 0 || x.size(0) != y.size(0)) {
    throw Error(fmt::format("batch_jacobian: x and y need as many rows: x={}, y={}",
                            to_string(x.shape()), to_string(y.shape())));
  }
  check_rows(y, x);
  const Shape y_row = y.shape().without_axis(0);
  const Var dummy = input(y.shape(), y.dtype());
  const Var pulled = vjp(y, {x}, dummy)[0];
  // One seed an element of a row of y, the same for all rows: no row of x feels another row's.
  const std::int64_t n = y_row.elements();
  const Var seeds = reshape(eye(n, y.dtype()), y_row.with_axis(0, 1).with_axis(0, n));
  const Var all = vmap(pulled, {dummy}, {broadcast_to(seeds, y.shape().with_axis(0, n))});
  return reshape(first_axis_to(all, 1),
                 joint_shape("batch_jacobian", y.shape(),
                             x.shape().without_axis(0)));  // from [B, n, x...]
}

Var hessian(const Var& y, const Var& x) {
  check_differentiable(y, "hessian", "y");
  check_scalar("hessian", y);
  check_differentiable(x, "hessian", "x");
  return jacobian(grad(y, x), x);
}

Var hvp(const Var& y, const Var& x, const Var& v) {
  check_differentiable(y, "hvp", "y");
  check_scalar("hvp", y);
  check_differentiable(x, "hvp", "x");
  check_differentiable(v, "hvp", "v");
  if (v.shape() != x.shape() || v.dtype() != x.dtype()) {
    throw Error(fmt::format("hvp: v must have x's type: v={}, x={}", type_text(v), type_text(x)));
  }
  return jvp(grad(y, x), {x}, {v});
}

}  // namespace hourglass

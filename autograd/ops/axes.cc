#include "autograd/ops/axes.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::internal {

int axis_of(const Attributes& attributes) { return static_cast<int>(attributes.integer("axis")); }

Shape shape_attribute(const Call& c) { return Shape(c.attributes.integers("shape")); }

std::vector<int> normalize_axes(const Shape& shape, const std::vector<int>& axes, const char* who) {
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

void check_countable(const Call& c, std::int64_t n) {
  if (n - 1 <= std::numeric_limits<std::int32_t>::max()) return;
  fail(c, "too many elements for i32 indices", fmt::format("{}", n));
}

Var apply_broadcast(const Op& op, const Var& a, const Var& b) {
  if (!a.defined() || !b.defined()) return apply(op, {a, b});  // which says what is missing
  if (a.shape() == b.shape()) return apply(op, {a, b});
  const Shape shape = broadcast_shape(a.shape(), b.shape(), op.name.data());
  return apply(op, {broadcast_to(a, shape), broadcast_to(b, shape)});
}

bool contains(const std::vector<int>& axes, int axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

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

Var join_axes_last(const Var& x, const std::vector<int>& axes) {
  std::vector<int> order;
  for (int i = 0; i < x.rank(); ++i) {
    if (!contains(axes, i)) order.push_back(i);
  }
  const Shape joined = reduced_shape(x.shape(), axes, false);
  std::int64_t n = 1;
  for (int axis : axes) {
    order.push_back(axis);
    n *= x.size(axis);
  }
  return reshape(transpose(x, order), joined.with_axis(joined.rank(), n));
}

Var move_axis_last(const Var& x, int axis) {
  std::vector<int> order(static_cast<std::size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::rotate(order.begin() + axis, order.begin() + axis + 1, order.end());
  return transpose(x, order);
}

Var move_last_to(const Var& x, int axis) {
  std::vector<int> order(static_cast<std::size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::rotate(order.begin() + axis, order.end() - 1, order.end());
  return transpose(x, order);
}

ShortVector<std::int64_t> strides_of(const Shape& shape) {
  ShortVector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
  std::int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<std::size_t>(i)] = stride;
    stride *= shape[i];
  }
  return strides;
}

}  // namespace hourglass::internal

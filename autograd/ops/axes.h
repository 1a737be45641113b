#pragma once

// Axes as ops name them: negative ones count from the end, an empty list means all. Internal to
// autograd. Every function throws Error, naming `who`, where an axis is out of range, named twice,
// or the Var is empty.

#include <cstdint>
#include <vector>

#include "autograd/graph/errors.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var.h"
#include "tensor/short_vector.h"

namespace hourglass::internal {

constexpr std::int64_t kMostElements = std::int64_t{1} << 59;  // of any tensor

// What the attributes "axis" and "shape" say.
int axis_of(const Attributes& attributes);
Shape shape_attribute(const Call& c);

// Sorted, non-negative, each once; all axes if none is named.
std::vector<int> normalize_axes(const Shape& shape, const std::vector<int>& axes, const char* who);
bool contains(const std::vector<int>& axes, int axis);

// Error unless i32 can count `n` elements from 0.
void check_countable(const Call& c, std::int64_t n);

// A lane of two inputs, which are broadcast together.
Var apply_broadcast(const Op& op, const Var& a, const Var& b);

// The shape with the (normalized) axes gone, or of size 1.
Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims);

// x with the (normalized) axes moved last and joined into one: [kept..., product of the axes].
Var join_axes_last(const Var& x, const std::vector<int>& axes);

// x with one axis (non-negative) moved to the end, and an axis at the end moved back to `axis`.
Var move_axis_last(const Var& x, int axis);
Var move_last_to(const Var& x, int axis);

// Row-major strides in elements.
ShortVector<std::int64_t> strides_of(const Shape& shape);

// A shape seen along one axis: [outer, n, inner].
struct AlongAxis {
  AlongAxis(const Shape& shape, int axis)
      : outer(shape.product(0, axis)),
        n(shape[axis]),
        inner(shape.product(axis + 1, shape.rank())) {}
  std::int64_t outer, n, inner;
};

}  // namespace hourglass::internal

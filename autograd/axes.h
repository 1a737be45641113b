#pragma once

// Axes as ops name them: negative ones count from the end, an empty list means all. Internal to
// autograd. Every function throws Error, naming `who`, where an axis is out of range, named twice,
// or the Var is empty.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/var.h"
#include "tensor/error.h"
#include "tensor/short_vector.h"

namespace hourglass {

using Sizes = std::vector<std::int64_t>;

// Throws Error if nothing was assigned to x; if it holds integers.
void check_defined(const Var& x, const char* who);
void check_real(const Var& x, const char* who);

// "a", "b", ..., and "a=[32, 784], b=[512, 256]": what a user gave, as an error names it.
std::string argument_name(std::size_t i);
std::string shapes_text(const std::vector<Shape>& shapes);

// `error` as the function that the user called tells it: under the name `who`, of the user's own
// `shapes`, where those of the ops that it is made of were named.
Error told_by(std::string_view who, const std::vector<Shape>& shapes, const Error& error);

// f(), a composition of ops, whose errors are told by `who`.
template <class F>
auto speaking_as(std::string_view who, const std::vector<Var>& inputs, F f) {
  for (const Var& x : inputs) check_defined(x, who.data());
  try {
    return f();
  } catch (const Error& error) {
    std::vector<Shape> shapes;
    for (const Var& x : inputs) shapes.push_back(x.shape());
    throw told_by(who, shapes, error);
  }
}

// The shape of these sizes, of which `who` made the `shapes` it was given; Error if it is none.
Shape checked_shape(Sizes sizes, std::string_view who, const std::vector<Shape>& shapes);

// Sorted, non-negative, each once; all axes if none is named.
std::vector<int> normalize_axes(const Shape& shape, const std::vector<int>& axes, const char* who);
bool contains(const std::vector<int>& axes, int axis);

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

}  // namespace hourglass

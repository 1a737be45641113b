#include "autograd/axes.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "autograd/ops.h"
#include "tensor/error.h"

namespace hourglass {

void check_defined(const Var& x, const char* who) {
  if (x.defined()) return;
  throw Error(fmt::format("{}: argument a is an empty Var: nothing was assigned to it", who));
}

void check_real(const Var& x, const char* who) {
  check_defined(x, who);
  if (is_real(x.dtype())) return;
  throw Error(fmt::format("{}: numbers must be f32 or f64: a={}: got {}: use cast(x, DType::kF32)",
                          who, to_string(x.shape()), name_of(x.dtype())));
}

std::string argument_name(std::size_t i) {
  return i < 26 ? std::string(1, static_cast<char>('a' + i)) : fmt::format("input{}", i);
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  std::string text;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    text += (i ? ", " : "") + argument_name(i) + "=" + to_string(shapes[i]);
  }
  return text;
}

// The house form is `op: what: a=[..], b=[..]: detail`; what has no shapes gets them after `what`.
Error told_by(std::string_view who, const std::vector<Shape>& shapes, const Error& error) {
  const std::string_view text = error.what();
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(": ", from), text.size());
    parts.emplace_back(text.substr(from, to - from));
    from = to + 2;
  }
  parts[0] = who;
  auto named = std::find_if(parts.begin(), parts.end(),
                            [](const std::string& part) { return part.starts_with("a=["); });
  if (named == parts.end()) {
    named = parts.insert(parts.begin() + std::min<std::ptrdiff_t>(2, std::ssize(parts)), "");
  }
  *named = shapes_text(shapes);
  if (named->empty()) parts.erase(named);
  std::string told;
  for (const std::string& part : parts) told += (told.empty() ? "" : ": ") + part;
  return Error(told);
}

Shape checked_shape(Sizes sizes, std::string_view who, const std::vector<Shape>& shapes) {
  try {
    return Shape(std::move(sizes));
  } catch (const Error& error) {
    throw told_by(who, shapes, error);
  }
}

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

}  // namespace hourglass

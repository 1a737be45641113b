#include "tensor/shape.h"

#include <fmt/core.h>

#include <utility>

#include "tensor/error.h"

namespace hourglass {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 59;

std::string text_of(const std::vector<std::int64_t>& sizes) {
  std::string text = "[";
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
  }
  return text + "]";
}

std::int64_t elements_of(const std::vector<std::int64_t>& sizes) {
  // An empty tensor counts its other sizes too: [0, 2^62] would overflow as soon as an axis is
  // reduced.
  std::int64_t nonzero = 1;
  bool empty = false;
  for (std::int64_t size : sizes) {
    if (size < 0) {
      throw Error(fmt::format("shape: sizes must not be negative: {}", text_of(sizes)));
    }
    empty = empty || size == 0;
    if (size > 0 && nonzero > kMaxElements / size) {
      throw Error(fmt::format("shape: too many elements: {}: more than 2^59", text_of(sizes)));
    }
    nonzero *= size > 0 ? size : 1;
  }
  return empty ? 0 : nonzero;
}

}  // namespace

constinit const std::vector<std::int64_t> Shape::kScalar;

Shape::Shape(std::initializer_list<std::int64_t> sizes) : Shape(std::vector<std::int64_t>(sizes)) {}

Shape::Shape(std::vector<std::int64_t> sizes) : elements_(elements_of(sizes)) {
  if (sizes.empty()) return;
  sizes_ = std::make_shared<const std::vector<std::int64_t>>(std::move(sizes));
}

int Shape::axis_index(int axis, const char* who) const {
  if (axis < -rank() || axis >= rank()) {
    const std::string expected = rank() == 0
                                     ? "a scalar has no axes"
                                     : fmt::format("expected {} to {}", -rank(), rank() - 1);
    throw Error(fmt::format("{}: axis out of range: axis {} of {}: {}", who, axis, text_of(sizes()),
                            expected));
  }
  return axis < 0 ? axis + rank() : axis;
}

std::int64_t Shape::product(int first, int last) const {
  std::int64_t result = 1;
  for (int i = first; i < last; ++i) result *= sizes()[static_cast<std::size_t>(i)];
  return result;
}

Shape Shape::with_axis(int axis, std::int64_t size) const {
  if (axis < 0 || axis > rank()) {
    throw Error(fmt::format("shape: axis out of range: axis {} into {}: expected 0 to {}", axis,
                            text_of(sizes()), rank()));
  }
  std::vector<std::int64_t> more = sizes();
  more.insert(more.begin() + axis, size);
  return Shape(std::move(more));
}

Shape Shape::without_axis(int axis) const {
  std::vector<std::int64_t> less = sizes();
  less.erase(less.begin() + axis_index(axis));
  return Shape(std::move(less));
}

std::string to_string(const Shape& shape) { return text_of(shape.sizes()); }

}  // namespace hourglass

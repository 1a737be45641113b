#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

// The sizes of a dense row-major tensor, outermost first. Rank 0 is a scalar with one element; a
// size of 0 makes an empty tensor. Throws Error on a negative size and on more than 2^59 elements,
// so that offsets in bytes never overflow.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes);
  explicit Shape(std::vector<std::int64_t> sizes);

  int rank() const { return static_cast<int>(sizes().size()); }
  std::int64_t elements() const { return elements_; }
  const std::vector<std::int64_t>& sizes() const { return sizes_ ? *sizes_ : kScalar; }

  // The size of an axis; a negative axis counts from the end. Throws Error when out of range.
  std::int64_t operator[](int axis) const {
    return sizes()[static_cast<std::size_t>(axis_index(axis))];
  }

  // An axis in [-rank, rank) as one in [0, rank). `who` names the op in the error.
  int axis_index(int axis, const char* who = "shape") const;

  // The product of the sizes of axes [first, last).
  std::int64_t product(int first, int last) const;

  // This shape with `size` inserted before `axis` (0 <= axis <= rank), or with `axis` (as in [])
  // removed. Throws Error when out of range.
  Shape with_axis(int axis, std::int64_t size) const;
  Shape without_axis(int axis) const;

  bool operator==(const Shape& other) const {
    return sizes_ == other.sizes_ || sizes() == other.sizes();
  }

 private:
  static const std::vector<std::int64_t> kScalar;

  // Never changed, and shared by copies: most nodes of a graph have their input's shape. Null for a
  // scalar.
  std::shared_ptr<const std::vector<std::int64_t>> sizes_;
  std::int64_t elements_ = 1;
};

std::string to_string(const Shape& shape);  // "[32, 784]", "[]" for a scalar

}  // namespace hourglass

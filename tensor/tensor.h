#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace hourglass {

// A dense, row-major, contiguous array whose storage is 64-byte aligned and shared: copying a
// Tensor copies a handle, clone() copies the numbers. There are no strided views.
class Tensor {
 public:
  Tensor() = default;                // no tensor at all: defined() is false
  Tensor(Shape shape, DType dtype);  // zeros; throws Error when memory runs out
  static Tensor uninitialized(Shape shape, DType dtype);
  static Tensor full(Shape shape, double value, DType dtype = DType::kF32);

  // The numbers in row-major order; as many as the shape has elements, else Error.
  template <class T>
  static Tensor from(const std::vector<T>& values, Shape shape);
  template <class T>
  static Tensor from(std::initializer_list<T> values, Shape shape) {
    return from(std::vector<T>(values), std::move(shape));
  }
  static Tensor scalar(double value, DType dtype = DType::kF32);

  bool defined() const { return storage_ != nullptr; }
  bool shared() const { return storage_.use_count() > 1; }  // another handle has this storage
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t elements() const { return shape_.elements(); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype_); }

  // The storage as numbers of type T, which must be the tensor's dtype, else Error. A handle to
  // const shares storage with every other handle: nobody writes to a tensor that a graph holds.
  template <class T>
  T* data() {
    check_dtype(dtype_of<T>());
    return static_cast<T*>(raw());
  }
  template <class T>
  const T* data() const {
    check_dtype(dtype_of<T>());
    return static_cast<const T*>(raw());
  }
  void* raw() { return storage_.get(); }
  const void* raw() const { return storage_.get(); }

  double item() const;                       // the only element, else Error
  double at(std::int64_t flat_index) const;  // any dtype, row-major; Error out of range
  std::vector<double> values() const;        // all elements, widened

  Tensor clone() const;
  Tensor cast(DType dtype) const;     // to integers: truncates towards zero
  Tensor reshape(Shape shape) const;  // shares storage; Error if the counts differ
  Tensor rows(std::int64_t first,
              std::int64_t last) const;  // a copy of rows [first, last) of axis 0

  // Same shape, dtype and bytes.
  bool identical(const Tensor& other) const;

 private:
  void check_dtype(DType asked) const;

  Shape shape_{0};
  DType dtype_ = DType::kF32;
  std::shared_ptr<void> storage_;
};

}  // namespace hourglass

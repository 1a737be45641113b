#include "tensor/tensor.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "tensor/error.h"

namespace hourglass {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = 2 << 20;

// Asks for huge pages where a system has them on request: a product that walks through rows of a
// large matrix meets a page a row. A wish: what the system does with it changes no result.
void wish_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

std::shared_ptr<void> allocate(std::size_t bytes, const Shape& shape) {
  std::size_t rounded = std::max(kAlignment, round_up(bytes, kAlignment));
  const std::size_t huge = round_up(rounded, kHugePage);
  if (huge - rounded <= rounded / 8) rounded = huge;
  const bool large = rounded >= kHugePage;
  void* memory = nullptr;
  if (posix_memalign(&memory, large ? kHugePage : kAlignment, rounded) != 0) {
    throw Error(fmt::format("tensor: out of memory: {} needs {} bytes", to_string(shape), bytes));
  }
  if (large) wish_huge_pages(memory, rounded);
  return {memory, &std::free};
}

}  // namespace

Tensor Tensor::uninitialized(Shape shape, DType dtype) {
  Tensor t;
  t.storage_ = allocate(static_cast<std::size_t>(shape.elements()) * size_of(dtype), shape);
  t.shape_ = std::move(shape);
  t.dtype_ = dtype;
  return t;
}

Tensor::Tensor(Shape shape, DType dtype) : Tensor(uninitialized(std::move(shape), dtype)) {
  std::memset(raw(), 0, bytes());
}

Tensor Tensor::full(Shape shape, double value, DType dtype) {
  Tensor t = uninitialized(std::move(shape), dtype);
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(t.data<T>(), t.elements(), static_cast<T>(value));
  });
  return t;
}

Tensor Tensor::scalar(double value, DType dtype) { return full(Shape{}, value, dtype); }

template <class T>
Tensor Tensor::from(const std::vector<T>& values, Shape shape) {
  if (static_cast<std::int64_t>(values.size()) != shape.elements()) {
    throw Error(
        fmt::format("tensor: as many values as elements expected: {} values for {}: {} vs {}",
                    values.size(), to_string(shape), values.size(), shape.elements()));
  }
  Tensor t = uninitialized(std::move(shape), dtype_of<T>());
  std::copy(values.begin(), values.end(), t.data<T>());
  return t;
}

template Tensor Tensor::from(const std::vector<float>&, Shape);
template Tensor Tensor::from(const std::vector<double>&, Shape);
template Tensor Tensor::from(const std::vector<std::int32_t>&, Shape);
template Tensor Tensor::from(const std::vector<std::uint8_t>&, Shape);

double Tensor::item() const {
  if (!defined() || elements() != 1) {
    throw Error(fmt::format("tensor: item() needs exactly one element: {}: {} elements",
                            to_string(shape_), elements()));
  }
  return at(0);
}

double Tensor::at(std::int64_t flat_index) const {
  if (flat_index < 0 || flat_index >= elements()) {
    throw Error(fmt::format("tensor: element {} of {}: expected 0 to {}", flat_index,
                            to_string(shape_), elements() - 1));
  }
  return visit(dtype_,
               [&](auto zero) { return static_cast<double>(data<decltype(zero)>()[flat_index]); });
}

std::vector<double> Tensor::values() const {
  std::vector<double> result(static_cast<std::size_t>(elements()));
  visit(dtype_,
        [&](auto zero) { std::copy_n(data<decltype(zero)>(), elements(), result.begin()); });
  return result;
}

Tensor Tensor::clone() const {
  if (!defined()) return {};
  Tensor t = uninitialized(shape_, dtype_);
  std::memcpy(t.raw(), raw(), bytes());
  return t;
}

Tensor Tensor::cast(DType dtype) const {
  Tensor t = uninitialized(shape_, dtype);
  visit(dtype_, [&](auto from) {
    visit(dtype, [&](auto to) {
      const auto* x = data<decltype(from)>();
      auto* y = t.data<decltype(to)>();
      for (std::int64_t i = 0; i < elements(); ++i) y[i] = static_cast<decltype(to)>(x[i]);
    });
  });
  return t;
}

Tensor Tensor::reshape(Shape shape) const {
  if (shape.elements() != elements()) {
    throw Error(fmt::format("reshape: element counts differ: {} to {}: {} vs {}", to_string(shape_),
                            to_string(shape), elements(), shape.elements()));
  }
  Tensor t = *this;
  t.shape_ = std::move(shape);
  return t;
}

Tensor Tensor::rows(std::int64_t first, std::int64_t last) const {
  if (shape_.rank() == 0 || first < 0 || first > last || last > shape_[0]) {
    throw Error(
        fmt::format("tensor: rows {} to {} of {}: out of range", first, last, to_string(shape_)));
  }
  std::vector<std::int64_t> sizes = shape_.sizes();
  sizes[0] = last - first;
  Tensor t = uninitialized(Shape(std::move(sizes)), dtype_);
  const std::size_t row_bytes =
      static_cast<std::size_t>(shape_.product(1, shape_.rank())) * size_of(dtype_);
  std::memcpy(t.raw(),
              static_cast<const char*>(raw()) + static_cast<std::size_t>(first) * row_bytes,
              t.bytes());
  return t;
}

bool Tensor::identical(const Tensor& other) const {
  return defined() == other.defined() && shape_ == other.shape_ && dtype_ == other.dtype_ &&
         (!defined() || std::memcmp(raw(), other.raw(), bytes()) == 0);
}

void Tensor::check_dtype(DType asked) const {
  if (asked != dtype_) {
    throw Error(fmt::format("tensor: asked for {} numbers of a tensor of {}: use cast",
                            name_of(asked), name_of(dtype_)));
  }
}

}  // namespace hourglass

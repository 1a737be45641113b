#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#include "tensor/kernels.h"
#include "tensor/kernels/move/strided_copy.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

using internal::CopyAxis;
using internal::ShortVector;

constexpr std::int64_t kFillGrain = std::int64_t{1} << 16;  // elements

// Axes of a copy between a dense array of `sizes` and one of given strides.
template <class Make>
ShortVector<CopyAxis> axes_of(std::span<const std::int64_t> sizes, Make&& make) {
  ShortVector<CopyAxis> axes(sizes.size());
  std::int64_t dense = 1;
  for (std::size_t d = sizes.size(); d-- > 0; dense *= sizes[d]) {
    axes[d] = make(d, sizes[d], dense);
  }
  return axes;
}

// As cast() converts: truncated towards zero, saturated, NaN gives 0.
template <class T>
T number_of(double value) {
  if constexpr (std::is_integral_v<T>) {
    if (std::isnan(value)) return 0;
    return static_cast<T>(std::clamp(value, double{std::numeric_limits<T>::min()},
                                     double{std::numeric_limits<T>::max()}));
  } else {
    return static_cast<T>(value);
  }
}

// A pointer `offset` elements on; a byte pointer is the one that serves every element size.
template <class Pointer>
Pointer* advance(Pointer* p, std::size_t element_size, std::int64_t offset) {
  return p + offset * static_cast<std::int64_t>(element_size);
}

}  // namespace

void transpose(DType dtype, std::span<const std::int64_t> x_sizes, std::span<const int> permutation,
               const void* x, void* y) {
  ShortVector<std::int64_t> x_strides(x_sizes.size());
  std::int64_t dense = 1;
  for (std::size_t d = x_sizes.size(); d-- > 0; dense *= x_sizes[d]) x_strides[d] = dense;

  ShortVector<std::int64_t> y_sizes(x_sizes.size());
  for (std::size_t d = 0; d < y_sizes.size(); ++d) {
    y_sizes[d] = x_sizes[static_cast<std::size_t>(permutation[d])];
  }
  auto axes = axes_of(y_sizes, [&](std::size_t d, std::int64_t size, std::int64_t y_stride) {
    return CopyAxis{size, y_stride, x_strides[static_cast<std::size_t>(permutation[d])]};
  });
  internal::strided_copy(size_of(dtype), std::move(axes), x, y);
}

void gather_strided(DType dtype, std::span<const std::int64_t> y_sizes,
                    std::span<const std::int64_t> x_strides, std::int64_t x_offset, const void* x,
                    void* y) {
  auto axes = axes_of(y_sizes, [&](std::size_t d, std::int64_t size, std::int64_t y_stride) {
    return CopyAxis{size, y_stride, x_strides[d]};
  });
  internal::strided_copy(size_of(dtype), std::move(axes),
                         advance(static_cast<const char*>(x), size_of(dtype), x_offset), y);
}

void scatter_strided(DType dtype, std::span<const std::int64_t> x_sizes,
                     std::span<const std::int64_t> y_strides, std::int64_t y_offset, const void* x,
                     void* y) {
  auto axes = axes_of(x_sizes, [&](std::size_t d, std::int64_t size, std::int64_t x_stride) {
    return CopyAxis{size, y_strides[d], x_stride};
  });
  internal::strided_copy(size_of(dtype), std::move(axes), x,
                         advance(static_cast<char*>(y), size_of(dtype), y_offset));
}

void fill(DType dtype, double value, void* y, std::int64_t n) {
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* numbers = static_cast<T*>(y);
    parallel_ranges(n, kFillGrain, [&](std::int64_t first, std::int64_t last) {
      std::fill(numbers + first, numbers + last, number_of<T>(value));
    });
  });
}

}  // namespace hourglass::kernels

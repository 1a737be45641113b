#include "tensor/kernels/move/transpose_tile.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/move/transpose_tile.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#if HWY_TARGET != HWY_SCALAR
#include "tensor/kernels/move/transpose-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

bool transpose_vectors(std::size_t, const TransposedMatrix&) { return false; }

#else

namespace hn = hwy::HWY_NAMESPACE;

// A square of as many rows as a vector has lanes. Every row is read and written once: where the
// stride is a multiple of 4 KiB, all rows share one set of the L1 cache and would not stay there.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void transpose_square(D d, const T* from, std::int64_t from_stride, T* to,
                                 std::int64_t to_stride) {
  constexpr std::size_t kSide = kBlockLanes<D>;
  constexpr std::size_t kBlocks = kVectorBlocks<D>;
  hn::Vec<D> v[kBlocks][kSide];
  for (std::size_t b = 0; b < kBlocks; ++b) {
    for (std::size_t i = 0; i < kSide; ++i) {
      v[b][i] = hn::LoadU(d, from + static_cast<std::int64_t>(b * kSide + i) * from_stride);
    }
  }
  transpose_lanes(d, v);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    for (std::size_t i = 0; i < kSide; ++i) {
      hn::StoreU(v[b][i], d, to + static_cast<std::int64_t>(b * kSide + i) * to_stride);
    }
  }
}

// Calls square(i, j) for squares that cover the matrix; where a size is no multiple of the side,
// the last overlaps the one before it. Needs a matrix of at least one square.
template <class Square>
HWY_INLINE void for_each_square(const TransposedMatrix& matrix, std::int64_t side,
                                const Square& square) {
  for (std::int64_t j = 0; j < matrix.columns; j += side) {
    for (std::int64_t i = 0; i < matrix.rows; i += side) {
      square(std::min(i, matrix.rows - side), std::min(j, matrix.columns - side));
    }
  }
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void transpose_squares(D d, const TransposedMatrix& matrix) {
  const T* from = static_cast<const T*>(matrix.from);
  T* to = static_cast<T*>(matrix.to);
  for_each_square(matrix, static_cast<std::int64_t>(hn::Lanes(d)),
                  [&](std::int64_t i, std::int64_t j) HWY_ATTR {
                    transpose_square(d, from + j * matrix.from_stride + i, matrix.from_stride,
                                     to + i * matrix.to_stride + j, matrix.to_stride);
                  });
}

constexpr std::int64_t kBufferSide = 256;  // bytes: 16 KiB for f32

// The same in larger squares through a buffer, from which whole cache lines are written.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void transpose_buffered(D d, const TransposedMatrix& matrix) {
  constexpr std::int64_t kSide = kBufferSide / static_cast<std::int64_t>(sizeof(T));
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  HWY_ALIGN T buffer[kSide * kSide];
  const T* from = static_cast<const T*>(matrix.from);
  T* to = static_cast<T*>(matrix.to);
  for_each_square(matrix, kSide, [&](std::int64_t i, std::int64_t j) HWY_ATTR {
    transpose_squares(
        d, {kSide, kSide, from + j * matrix.from_stride + i, matrix.from_stride, buffer, kSide});
    for (std::int64_t row = 0; row < kSide; ++row) {
      T* line = to + (i + row) * matrix.to_stride + j;
      for (std::int64_t k = 0; k < kSide; k += lanes) {
        hn::StoreU(hn::Load(d, buffer + row * kSide + k), d, line + k);
      }
    }
  });
}

// In the widest squares that fit into the matrix and the registers.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE bool transpose_numbers(D d, const TransposedMatrix& matrix) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));
  const std::int64_t shorter = std::min(matrix.rows, matrix.columns);
  if (shorter < kLanes) {
    if constexpr (kLanes * kSize > 16) return transpose_numbers(hn::Half<D>(), matrix);
    return false;
  }
  const bool crowded = matrix.to_stride * kSize % 1024 == 0;  // rows of `to` share L1 sets
  if (kLanes * kSize < 64 && crowded && shorter >= kBufferSide / kSize) {
    transpose_buffered(d, matrix);
  } else {
    transpose_squares(d, matrix);
  }
  return true;
}

bool transpose_vectors(std::size_t element_size, const TransposedMatrix& matrix) {
  switch (element_size) {
    case 1:
      return transpose_numbers(hn::ScalableTag<std::uint8_t>(), matrix);
    case 4:
      return transpose_numbers(hn::ScalableTag<std::uint32_t>(), matrix);
    case 8:
      return transpose_numbers(hn::ScalableTag<std::uint64_t>(), matrix);
    default:
      return false;
  }
}

#endif

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(transpose_vectors);

}  // namespace

bool transpose_by_vectors(std::size_t element_size, const TransposedMatrix& matrix) {
  return HWY_DYNAMIC_DISPATCH(transpose_vectors)(element_size, matrix);
}

}  // namespace hourglass::kernels::internal
#endif  // HWY_ONCE

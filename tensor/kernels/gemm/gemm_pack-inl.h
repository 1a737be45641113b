// Operands rearranged so that the innermost loop of our products reads them one after the other,
// once a SIMD target.
#if defined(HOURGLASS_KERNELS_GEMM_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_GEMM_PACK_INL_H_
#undef HOURGLASS_KERNELS_GEMM_PACK_INL_H_
#else
#define HOURGLASS_KERNELS_GEMM_PACK_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tensor/kernels/part-inl.h"
#if HWY_TARGET != HWY_SCALAR
#include "tensor/kernels/move/transpose-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr auto kLanesOf = static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>()));

// A matrix as it is stored: rows `step` apart.
template <class T>
struct Stored {
  const T* at;
  std::int64_t step;
};

#if HWY_TARGET == HWY_SCALAR

template <class T>
HWY_INLINE void transpose_some(Stored<T> from, std::int64_t, std::int64_t, T* to, std::int64_t) {
  *to = *from.at;
}

#else

// to[j * to_step + i] = from(i, j) for a square of a vector's lanes a side.
template <class T, std::size_t... j>
HWY_INLINE void transpose_square(Stored<T> from, T* to, std::int64_t to_step,
                                 std::index_sequence<j...>) {
  using D = hn::ScalableTag<T>;
  constexpr std::size_t kSide = kBlockLanes<D>;
  hn::Vec<D> v[kVectorBlocks<D>][kSide];
  load_transposed(D(), from.at, from.step, v);
  (hn::StoreU(v[j / kSide][j % kSide], D(), to + static_cast<std::int64_t>(j) * to_step), ...);
}

// The same where only rows x columns of the square may be read: the other rows count as 0, the
// other columns are not written.
template <class T>
HWY_INLINE void transpose_part(Stored<T> from, std::int64_t rows, std::int64_t columns, T* to,
                               std::int64_t to_step) {
  using D = hn::ScalableTag<T>;
  constexpr std::size_t kSide = kBlockLanes<D>;
  hn::Vec<D> v[kVectorBlocks<D>][kSide];
  for (std::size_t i = 0; i < hn::MaxLanes(D()); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    v[i / kSide][i % kSide] =
        row < rows ? load_first(D(), from.at + row * from.step, columns) : hn::Zero(D());
  }
  transpose_lanes(D(), v);
  for (std::size_t j = 0; j < hn::MaxLanes(D()); ++j) {
    const auto column = static_cast<std::int64_t>(j);
    if (column >= columns) break;
    hn::StoreU(v[j / kSide][j % kSide], D(), to + column * to_step);
  }
}

template <class T>
HWY_INLINE void transpose_some(Stored<T> from, std::int64_t rows, std::int64_t columns, T* to,
                               std::int64_t to_step) {
  if (rows >= kLanesOf<T> && columns >= kLanesOf<T>) {
    transpose_square(from, to, to_step, std::make_index_sequence<kLanesOf<T>>());
  } else {
    transpose_part(from, rows, columns, to, to_step);
  }
}

#endif

// A panel [k, width], dense, of whole vectors: `columns` columns of a matrix [k, ..], then zeros.
template <class T>
void pack_rows(Stored<T> from, std::int64_t k, std::int64_t columns, std::int64_t width, T* to) {
  const hn::ScalableTag<T> d;
  const std::int64_t last = width - kLanesOf<T>;
  for (std::int64_t p = 0; p < k; ++p, from.at += from.step, to += width) {
    for (std::int64_t j = 0; j < last; j += kLanesOf<T>) {
      hn::Store(hn::LoadU(d, from.at + j), d, to + j);
    }
    hn::Store(load_first(d, from.at + last, columns - last), d, to + last);
  }
}

// The same from the transposed matrix [.., k]: a vector's lanes of its rows to their end before the
// next, since CPUs fetch ahead of few rows at once.
template <class T>
void pack_transposed(Stored<T> from, std::int64_t k, std::int64_t columns, std::int64_t width,
                     T* to) {
  for (std::int64_t j = 0; j < width; j += kLanesOf<T>) {
    for (std::int64_t p = 0; p < k; p += kLanesOf<T>) {
      transpose_some<T>({from.at + j * from.step + p, from.step}, columns - j, k - p,
                        to + p * width + j, width);
    }
  }
}

// to[j * to_step + i] = from(i, j): what a tile computed of c^T, into c. Whole squares of `from`
// are read, `rows` x `columns` are written.
template <class T>
void unpack_transposed(Stored<T> from, std::int64_t rows, std::int64_t columns, T* to,
                       std::int64_t to_step) {
#if HWY_TARGET == HWY_SCALAR
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) to[j * to_step + i] = from.at[i * from.step + j];
  }
#else
  using D = hn::ScalableTag<T>;
  constexpr std::size_t kSide = kBlockLanes<D>;
  for (std::int64_t i = 0; i < rows; i += kLanesOf<T>) {
    for (std::int64_t first = 0; first < columns; first += kLanesOf<T>) {
      hn::Vec<D> v[kVectorBlocks<D>][kSide];
      load_transposed(D(), from.at + i * from.step + first, from.step, v);
      const std::int64_t count = std::min(kLanesOf<T>, columns - first);
      for (std::int64_t j = 0; j < count; ++j) {
        const auto lane = static_cast<std::size_t>(j);
        store_first(D(), v[lane / kSide][lane % kSide], rows - i, to + (first + j) * to_step + i);
      }
    }
  }
#endif
}

// The rows of a tile as columns, `to_step` apart, from a matrix [rows, k]: [k, rows]. Vectors are
// written whole: what spills over a column's end is overwritten by the next where columns are
// dense, so that up to a vector behind the last is written.
template <class T>
void pack_tile(Stored<T> from, std::int64_t rows, std::int64_t k, T* to, std::int64_t to_step) {
  const std::int64_t highest = (rows - 1) / kLanesOf<T> * kLanesOf<T>;
  for (std::int64_t p = 0; p < k; p += kLanesOf<T>) {
    for (std::int64_t i = highest; i >= 0; i -= kLanesOf<T>) {
      transpose_some<T>({from.at + i * from.step + p, from.step}, rows - i, k - p,
                        to + p * to_step + i, to_step);
    }
  }
}

// The same from the transposed matrix [k, rows], behind which `beyond` more columns may be read.
template <class T>
void pack_tile_transposed(Stored<T> from, std::int64_t rows, std::int64_t beyond, std::int64_t k,
                          T* to) {
  const hn::ScalableTag<T> d;
  for (std::int64_t p = 0; p < k; ++p, from.at += from.step, to += rows) {
    for (std::int64_t i = 0; i < rows; i += kLanesOf<T>) {
      hn::StoreU(load_first(d, from.at + i, rows + beyond - i), d, to + i);
    }
  }
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

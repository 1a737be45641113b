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

#include "tensor/kernels/reduce-inl.h"
#if HWY_TARGET != HWY_SCALAR
#include "tensor/kernels/transpose-inl.h"
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

// A square of a vector's lanes a side, of which rows x columns are read and the rest is 0:
// to[j * to_step + i] = from(i, j) for every i and for j < columns.
template <bool kWhole, class T>
HWY_INLINE void transpose_square(Stored<T> from, std::int64_t rows, std::int64_t columns, T* to,
                                 std::int64_t to_step) {
#if HWY_TARGET == HWY_SCALAR
  static_cast<void>(rows), static_cast<void>(columns), static_cast<void>(to_step);
  *to = *from.at;
#else
  const hn::ScalableTag<T> d;
  using D = hn::ScalableTag<T>;
  constexpr std::size_t kSide = kBlockLanes<D>;
  hn::Vec<D> v[kVectorBlocks<D>][kSide];
  if constexpr (kWhole) {
    load_transposed(d, from.at, from.step, v);
  } else {
    for (std::size_t i = 0; i < hn::MaxLanes(d); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      v[i / kSide][i % kSide] =
          row < rows ? load_first(d, from.at + row * from.step, columns, T{0}) : hn::Zero(d);
    }
    transpose_lanes(d, v);
  }
  for (std::size_t j = 0; j < hn::MaxLanes(d); ++j) {
    const auto column = static_cast<std::int64_t>(j);
    if (!kWhole && column >= columns) break;
    hn::StoreU(v[j / kSide][j % kSide], d, to + column * to_step);
  }
#endif
}

template <class T>
HWY_INLINE void transpose_some(Stored<T> from, std::int64_t rows, std::int64_t columns, T* to,
                               std::int64_t to_step) {
  if (rows >= kLanesOf<T> && columns >= kLanesOf<T>) {
    transpose_square<true>(from, rows, columns, to, to_step);
  } else {
    transpose_square<false>(from, rows, columns, to, to_step);
  }
}

// A panel [k, width], dense, of whole vectors: `columns` columns of a matrix [k, ..], then zeros.
template <class T>
void pack_rows(Stored<T> from, std::int64_t k, std::int64_t columns, std::int64_t width, T* to) {
  const hn::ScalableTag<T> d;
  const std::int64_t last = width - kLanesOf<T>;
  for (std::int64_t p = 0; p < k; ++p, from.at += from.step, to += width) {
    for (std::int64_t j = 0; j < last; j += kLanesOf<T>) {
      hn::Store(hn::LoadU(d, from.at + j), d, to + j);
    }
    hn::Store(load_first(d, from.at + last, columns - last, T{0}), d, to + last);
  }
}

// The same from the transposed matrix [.., k].
template <class T>
void pack_transposed(Stored<T> from, std::int64_t k, std::int64_t columns, std::int64_t width,
                     T* to) {
  for (std::int64_t p = 0; p < k; p += kLanesOf<T>) {
    for (std::int64_t j = 0; j < width; j += kLanesOf<T>) {
      transpose_some<T>({from.at + j * from.step + p, from.step}, columns - j, k - p,
                        to + p * width + j, width);
    }
  }
}

// The rows of a tile as columns [k, rows], dense, from a matrix [rows, k]. Vectors are written
// whole: what spills over a column's end is overwritten by the next, so that up to a vector behind
// the last is written.
template <class T>
void pack_tile(Stored<T> from, std::int64_t rows, std::int64_t k, T* to) {
  const std::int64_t highest = (rows - 1) / kLanesOf<T> * kLanesOf<T>;
  for (std::int64_t p = 0; p < k; p += kLanesOf<T>) {
    for (std::int64_t i = highest; i >= 0; i -= kLanesOf<T>) {
      transpose_some<T>({from.at + i * from.step + p, from.step}, rows - i, k - p,
                        to + p * rows + i, rows);
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
      hn::StoreU(load_first(d, from.at + i, rows + beyond - i, T{0}), d, to + i);
    }
  }
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

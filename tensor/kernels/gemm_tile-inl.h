// The innermost loop of our products, once a SIMD target: a few rows of c times a few vectors of
// columns, kept in registers while k runs.
#if defined(HOURGLASS_KERNELS_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_GEMM_TILE_INL_H_
#undef HOURGLASS_KERNELS_GEMM_TILE_INL_H_
#else
#define HOURGLASS_KERNELS_GEMM_TILE_INL_H_
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tensor/kernels/reduce-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of a tile by its number of vectors: accumulators, one row of b and one element of a fill the
// registers, 32 with AVX-512 and 16 elsewhere.
#if HWY_TARGET <= HWY_AVX3
constexpr int kMostVectors = 3;
constexpr int kMostRows[kMostVectors + 1] = {0, 14, 14, 9};
#else
constexpr int kMostVectors = 2;
constexpr int kMostRows[kMostVectors + 1] = {0, 12, 6};
#endif
constexpr int kRowLimit = 14;  // of any tile

// c = a b for one tile, k products deep. Element (i, p) of a is a[p * a_step + i], or with kByRows
// a[i * a_step + p].
template <class T>
struct Tile {
  const T* a = nullptr;
  std::int64_t a_step = 0;
  const T* b = nullptr;
  std::int64_t b_step = 0;
  T* c = nullptr;
  std::int64_t c_step = 0;
  std::int64_t k = 0;
  std::int64_t last = 0;  // columns in the last vector
  bool resume = false;    // c holds the sum so far
};

template <std::size_t kRows, std::size_t kVectors, class D>
struct Sums {
  hn::Vec<D> v[kRows][kVectors];
};

// Rows in threes: an address can scale its index by 1 and 2, so one pointer serves three of them.
template <std::size_t kRows, class T>
struct RowPointers {
  const T* first[(kRows + 2) / 3];
  std::int64_t step;

  HWY_INLINE RowPointers(const T* a, std::int64_t a_step) : step(a_step) {
    for (std::size_t g = 0; g < (kRows + 2) / 3; ++g) {
      first[g] = a + static_cast<std::int64_t>(3 * g) * a_step;
    }
  }
  template <std::size_t i>
  HWY_INLINE const T* at(std::int64_t p) const {
    return first[i / 3] + (static_cast<std::int64_t>(i % 3) * step + p);
  }
};

template <std::size_t kRow, std::size_t kRows, std::size_t kVectors, class D, class V,
          std::size_t... v>
HWY_INLINE void add_row(D, Sums<kRows, kVectors, D>& sums, V a, const V (&b)[kVectors],
                        std::index_sequence<v...>) {
  ((sums.v[kRow][v] = hn::MulAdd(a, b[v], sums.v[kRow][v])), ...);
}

template <std::size_t kRows, std::size_t kVectors, class D, class T, std::size_t... i>
HWY_INLINE void add_columns(D d, Sums<kRows, kVectors, D>& sums, const T* a,
                            const hn::Vec<D> (&b)[kVectors], std::index_sequence<i...>) {
  (add_row<i>(d, sums, hn::Set(d, a[i]), b, std::make_index_sequence<kVectors>()), ...);
}

template <std::size_t kRows, std::size_t kVectors, class D, class T, std::size_t... i>
HWY_INLINE void add_rows(D d, Sums<kRows, kVectors, D>& sums, const RowPointers<kRows, T>& a,
                         std::int64_t p, const hn::Vec<D> (&b)[kVectors],
                         std::index_sequence<i...>) {
  (add_row<i>(d, sums, hn::Set(d, *a.template at<i>(p)), b, std::make_index_sequence<kVectors>()),
   ...);
}

// The lanes of a tile's last vector that exist.
template <class D>
struct LastLanes {
  std::int64_t count;
  hn::Mask<D> mask;

  HWY_INLINE LastLanes(D d, std::int64_t count)
      : count(count), mask(hn::FirstN(d, static_cast<std::size_t>(count))) {}
  template <class T>
  HWY_INLINE hn::Vec<D> load(D d, const T* from) const {
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2  // there only below 32 bits
    return load_first(d, from, count, T{0});
#else
    return hn::MaskedLoad(mask, d, from);
#endif
  }
  template <class T>
  HWY_INLINE void store(D d, hn::Vec<D> v, T* to) const {
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2
    store_first(d, v, count, to);
#else
    hn::BlendedStore(v, mask, d, to);
#endif
  }
};

// Element i of a sequence of kRows * kVectors is vector i % kVectors of row i / kVectors. Sequences
// in place of loops: sums that a loop has indexed do not stay in registers.
template <std::size_t kRows, std::size_t kVectors, class D, class T, std::size_t... i>
HWY_INLINE void load_sums(D d, const Tile<T>& t, Sums<kRows, kVectors, D>& sums,
                          std::index_sequence<i...>) {
  constexpr std::size_t kLanes = hn::MaxLanes(D());
  const LastLanes<D> last(d, t.last);
  const auto load = [&](std::size_t row, std::size_t v) HWY_ATTR {
    const T* c = t.c + static_cast<std::int64_t>(row) * t.c_step + v * kLanes;
    return v + 1 < kVectors ? hn::LoadU(d, c) : last.load(d, c);
  };
  ((sums.v[i / kVectors][i % kVectors] = load(i / kVectors, i % kVectors)), ...);
}

template <std::size_t kRows, std::size_t kVectors, class D, class T, std::size_t... i>
HWY_INLINE void store_sums(D d, const Sums<kRows, kVectors, D>& sums, const Tile<T>& t,
                           std::index_sequence<i...>) {
  constexpr std::size_t kLanes = hn::MaxLanes(D());
  const auto at = [&](std::size_t row, std::size_t v) HWY_ATTR {
    return t.c + static_cast<std::int64_t>(row) * t.c_step + v * kLanes;
  };
  if (t.last == static_cast<std::int64_t>(kLanes)) {
    (hn::StoreU(sums.v[i / kVectors][i % kVectors], d, at(i / kVectors, i % kVectors)), ...);
    return;
  }
  const LastLanes<D> last(d, t.last);
  const auto store = [&](std::size_t row, std::size_t v, hn::Vec<D> sum) HWY_ATTR {
    v + 1 < kVectors ? hn::StoreU(sum, d, at(row, v)) : last.store(d, sum, at(row, v));
  };
  (store(i / kVectors, i % kVectors, sums.v[i / kVectors][i % kVectors]), ...);
}

template <std::size_t kRows, std::size_t kVectors, class D, std::size_t... i>
HWY_INLINE void clear_sums(D d, Sums<kRows, kVectors, D>& sums, std::index_sequence<i...>) {
  ((sums.v[i / kVectors][i % kVectors] = hn::Zero(d)), ...);
}

// Every element is fma(a, b, sum so far) in order of k from 0, whatever tile it lies in.
template <class T, std::size_t kRows, std::size_t kVectors, bool kByRows>
HWY_NOINLINE void multiply_tile(const Tile<T>& t) {
  const hn::ScalableTag<T> d;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  Sums<kRows, kVectors, hn::ScalableTag<T>> sums;
  constexpr auto kAll = std::make_index_sequence<kRows * kVectors>();
  t.resume ? load_sums(d, t, sums, kAll) : clear_sums(d, sums, kAll);
  const RowPointers<kRows, T> rows(t.a, kByRows ? t.a_step : 0);
  const T* a = t.a;
  const T* b = t.b;
  for (std::int64_t p = 0; p < t.k; ++p) {
    hn::Vec<hn::ScalableTag<T>> row[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) row[v] = hn::LoadU(d, b + v * kLanes);
    if constexpr (kByRows) {
      add_rows(d, sums, rows, p, row, std::make_index_sequence<kRows>());
    } else {
      add_columns(d, sums, a, row, std::make_index_sequence<kRows>());
      a += t.a_step;
    }
    b += t.b_step;
  }
  store_sums(d, sums, t, kAll);
}

template <class T>
using TileFunction = void (*)(const Tile<T>&);

template <class T, std::size_t kVectors, bool kByRows, std::size_t... i>
constexpr std::array<TileFunction<T>, kRowLimit> tile_functions(std::index_sequence<i...>) {
  return {&multiply_tile<T, i + 1, kVectors, kByRows>...};
}

// The function for [rows, vectors], at most kMostRows[vectors] rows.
template <class T, bool kByRows>
TileFunction<T> tile_function(std::int64_t rows, std::int64_t vectors) {
  constexpr auto at_most = [](int v) { return static_cast<std::size_t>(kMostRows[v]); };
  static constexpr std::array<TileFunction<T>, kRowLimit> functions[] = {
    tile_functions<T, 1, kByRows>(std::make_index_sequence<at_most(1)>()),
    tile_functions<T, 2, kByRows>(std::make_index_sequence<at_most(2)>()),
#if HWY_TARGET <= HWY_AVX3
    tile_functions<T, 3, kByRows>(std::make_index_sequence<at_most(3)>()),
#endif
  };
  return functions[vectors - 1][static_cast<std::size_t>(rows - 1)];
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

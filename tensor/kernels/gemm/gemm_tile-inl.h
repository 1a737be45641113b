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
#include <type_traits>
#include <utility>

#include "tensor/kernels/part-inl.h"

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
  std::int64_t last = 0;     // columns in the last vector
  bool resume = false;       // c holds the sum so far
  const T* ahead = nullptr;  // if not null: is needed soon, one line at each of the k is fetched
  std::int64_t ahead_step = 0;
};

// The sums of a tile. The last vector of each row stands apart: it may be partly there, and half as
// wide as the others.
template <std::size_t kRows, std::size_t kVectors, class D, class DLast>
struct Sums {
  static constexpr std::size_t kWhole = kVectors - 1;
  hn::Vec<D> v[kRows][kWhole > 0 ? kWhole : 1];
  hn::Vec<DLast> last[kRows];
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

// The lanes of the last vector that exist.
template <class D>
struct LastLanes {
  std::int64_t count;
  hn::Mask<D> mask;

  HWY_INLINE LastLanes(D d, std::int64_t count)
      : count(count), mask(hn::FirstN(d, static_cast<std::size_t>(count))) {}
  template <class T>
  HWY_INLINE hn::Vec<D> load(D d, const T* from) const {
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2  // there only below 32 bits
    return load_first(d, from, count);
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

// One tile as a type. Its members unroll over rows i and whole vectors v by sequences in place of
// loops: sums that a loop has indexed do not stay in registers.
template <class T, std::size_t kRows, std::size_t kVectors, bool kHalf, bool kByRows>
struct TileKernel {
  using D = hn::ScalableTag<T>;
  using DLast = std::conditional_t<kHalf, hn::Half<D>, D>;
  using Sum = Sums<kRows, kVectors, D, DLast>;
  static constexpr std::size_t kLanes = hn::MaxLanes(D());
  static constexpr std::size_t kLast = (kVectors - 1) * kLanes;  // where the last vector begins
  static constexpr bool kAhead = 2 * kRows > static_cast<std::size_t>(kMostRows[kVectors]);
  using Rows = std::make_index_sequence<kRows>;
  using Whole = std::make_index_sequence<kVectors - 1>;

  template <std::size_t... v>
  static HWY_INLINE void load_row(Sum& s, std::size_t i, const T* c, const LastLanes<DLast>& last,
                                  std::index_sequence<v...>) {
    s.last[i] = last.load(DLast(), c + kLast);
    ((s.v[i][v] = hn::LoadU(D(), c + v * kLanes)), ...);
  }

  template <std::size_t... v>
  static HWY_INLINE void clear_row(Sum& s, std::size_t i, std::index_sequence<v...>) {
    s.last[i] = hn::Zero(DLast());
    ((s.v[i][v] = hn::Zero(D())), ...);
  }

  template <std::size_t... v>
  static HWY_INLINE void store_row([[maybe_unused]] const Sum& s, [[maybe_unused]] std::size_t i,
                                   [[maybe_unused]] T* c, std::index_sequence<v...>) {
    (hn::StoreU(s.v[i][v], D(), c + v * kLanes), ...);
  }

  template <std::size_t... v>
  static HWY_INLINE void add_row(Sum& s, std::size_t i, T a, [[maybe_unused]] const hn::Vec<D>* b,
                                 hn::Vec<DLast> b_last, std::index_sequence<v...>) {
    ((s.v[i][v] = hn::MulAdd(hn::Set(D(), a), b[v], s.v[i][v])), ...);
    s.last[i] = hn::MulAdd(hn::Set(DLast(), a), b_last, s.last[i]);
  }

  template <std::size_t... i>
  static HWY_INLINE void begin(const Tile<T>& t, Sum& s, std::index_sequence<i...>) {
    if (t.resume) {
      const LastLanes<DLast> last(DLast(), t.last);
      (load_row(s, i, t.c + static_cast<std::int64_t>(i) * t.c_step, last, Whole()), ...);
    } else {
      (clear_row(s, i, Whole()), ...);
    }
  }

  template <std::size_t... i>
  static HWY_INLINE void end(const Tile<T>& t, Sum& s, std::index_sequence<i...>) {
    const auto row = [&](std::size_t index)
                         HWY_ATTR { return t.c + static_cast<std::int64_t>(index) * t.c_step; };
    (store_row(s, i, row(i), Whole()), ...);
    if (t.last == static_cast<std::int64_t>(hn::MaxLanes(DLast()))) {
      (hn::StoreU(s.last[i], DLast(), row(i) + kLast), ...);
    } else {
      const LastLanes<DLast> last(DLast(), t.last);
      (last.store(DLast(), s.last[i], row(i) + kLast), ...);
    }
  }

  template <std::size_t... i>
  static HWY_INLINE void multiply(const Tile<T>& t, Sum& s, std::index_sequence<i...>) {
    const RowPointers<kRows, T> rows(t.a, kByRows ? t.a_step : 0);
    const T* a = t.a;
    const T* b = t.b;
    [[maybe_unused]] const T* ahead =
        t.ahead != nullptr ? t.ahead : b;  // which is here: costs nothing
    [[maybe_unused]] const std::int64_t ahead_step = t.ahead != nullptr ? t.ahead_step : 0;
    for (std::int64_t p = 0; p < t.k; ++p, b += t.b_step) {
      if constexpr (kAhead) {
        __builtin_prefetch(ahead, 0, 2);  // into the L2: the L1 is in use
        ahead += ahead_step;
      }
      hn::Vec<D> row[kVectors];
      for (std::size_t v = 0; v + 1 < kVectors; ++v) row[v] = hn::LoadU(D(), b + v * kLanes);
      const hn::Vec<DLast> last = hn::LoadU(DLast(), b + kLast);
      if constexpr (kByRows) {
        (add_row(s, i, *rows.template at<i>(p), row, last, Whole()), ...);
      } else {
        (add_row(s, i, a[i], row, last, Whole()), ...);
        a += t.a_step;
      }
    }
  }
};

// Every element is fma(a, b, sum so far) in order of k from 0, whatever tile it lies in.
template <class T, std::size_t kRows, std::size_t kVectors, bool kHalf, bool kByRows>
HWY_NOINLINE void multiply_tile(const Tile<T>& t) {
  using Kernel = TileKernel<T, kRows, kVectors, kHalf, kByRows>;
  typename Kernel::Sum sums;
  Kernel::begin(t, sums, typename Kernel::Rows());
  Kernel::multiply(t, sums, typename Kernel::Rows());
  Kernel::end(t, sums, typename Kernel::Rows());
}

template <class T>
using TileFunction = void (*)(const Tile<T>&);

template <class T, std::size_t kVectors, bool kHalf, bool kByRows, std::size_t... i>
constexpr std::array<TileFunction<T>, kRowLimit> functions_of(std::index_sequence<i...>) {
  return {&multiply_tile<T, i + 1, kVectors, kHalf, kByRows>...};
}

template <class T, std::size_t kVectors, bool kHalf, bool kByRows>
constexpr std::array<TileFunction<T>, kRowLimit> kTileFunctions =
    functions_of<T, kVectors, kHalf, kByRows>(
        std::make_index_sequence<static_cast<std::size_t>(kMostRows[kVectors])>());

// The function for [rows, vectors], at most kMostRows[vectors] rows. Where at most half of the last
// vector exists, half of it is computed: CPUs that take two halves in turn gain from that.
template <class T, bool kByRows>
TileFunction<T> tile_function(std::int64_t rows, std::int64_t vectors, std::int64_t last) {
  const auto i = static_cast<std::size_t>(rows - 1);
#if HWY_TARGET <= HWY_AVX3
  const bool half = last <= static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>()) / 2);
  if (vectors == 3) {
    return half ? kTileFunctions<T, 3, true, kByRows>[i] : kTileFunctions<T, 3, false, kByRows>[i];
  }
  if (vectors == 2 && half) return kTileFunctions<T, 2, true, kByRows>[i];
#else
  static_cast<void>(last);
#endif
  return vectors == 2 ? kTileFunctions<T, 2, false, kByRows>[i]
                      : kTileFunctions<T, 1, false, kByRows>[i];
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

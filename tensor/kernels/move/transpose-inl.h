// A square of numbers transposed in registers, once a SIMD target. Included after hwy/highway.h by
// the files that foreach_target compiles; no target of one lane includes it.
#if defined(HOURGLASS_KERNELS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_TRANSPOSE_INL_H_
#undef HOURGLASS_KERNELS_TRANSPOSE_INL_H_
#else
#define HOURGLASS_KERNELS_TRANSPOSE_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// As many vectors as a 128-bit block has lanes: rounds of perfect shuffles transpose block after
// block.
template <class D>
HWY_INLINE void transpose_in_blocks(D d, hn::Vec<D> (&v)[2]) {
  const hn::Vec<D> lower = hn::InterleaveLower(d, v[0], v[1]);
  v[1] = hn::InterleaveUpper(d, v[0], v[1]);
  v[0] = lower;
}

template <class D>
HWY_INLINE void transpose_in_blocks(D d, hn::Vec<D> (&v)[4]) {
  const hn::Vec<D> w0 = hn::InterleaveLower(d, v[0], v[2]);
  const hn::Vec<D> w1 = hn::InterleaveUpper(d, v[0], v[2]);
  const hn::Vec<D> w2 = hn::InterleaveLower(d, v[1], v[3]);
  const hn::Vec<D> w3 = hn::InterleaveUpper(d, v[1], v[3]);
  v[0] = hn::InterleaveLower(d, w0, w2);
  v[1] = hn::InterleaveUpper(d, w0, w2);
  v[2] = hn::InterleaveLower(d, w1, w3);
  v[3] = hn::InterleaveUpper(d, w1, w3);
}

template <class D, std::size_t kSide>
HWY_INLINE void transpose_in_blocks(D d, hn::Vec<D> (&v)[kSide]) {
  hn::Vec<D> w[kSide];
  for (std::size_t round = kSide; round > 1; round /= 2) {
    for (std::size_t i = 0; i < kSide / 2; ++i) {
      w[2 * i] = hn::InterleaveLower(d, v[i], v[i + kSide / 2]);
      w[2 * i + 1] = hn::InterleaveUpper(d, v[i], v[i + kSide / 2]);
    }
    std::copy_n(w, kSide, v);
  }
}

// As many vectors as they have blocks: transposes the matrix of blocks.
template <class D>
HWY_INLINE void transpose_blocks(D d, hn::Vec<D>& a, hn::Vec<D>& b) {
  const hn::Vec<D> lower = hn::ConcatLowerLower(d, b, a);
  b = hn::ConcatUpperUpper(d, b, a);
  a = lower;
}

#if HWY_TARGET <= HWY_AVX3
template <class V>
HWY_INLINE void exchange_odd_with_even(V& a, V& b) {
  const V even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b), a);
  b = hn::OddEvenBlocks(b, hn::SwapAdjacentBlocks(a));
  a = even;
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_blocks(D d, V& v0, V& v1, V& v2, V& v3) {
  exchange_odd_with_even(v0, v1);
  exchange_odd_with_even(v2, v3);
  transpose_blocks(d, v0, v2);
  transpose_blocks(d, v1, v3);
}
#endif

// The lanes of a 128-bit block, and the blocks of a vector.
template <class D>
constexpr std::size_t kBlockLanes = 16 / sizeof(hn::TFromD<D>);
template <class D>
constexpr std::size_t kVectorBlocks = hn::MaxLanes(D()) / kBlockLanes<D>;

// As many vectors as they have lanes: afterwards vector i holds lane i of each of them. Vector i is
// v[i / kBlockLanes][i % kBlockLanes].
template <class D>
HWY_INLINE void transpose_lanes(D d, hn::Vec<D> (&v)[kVectorBlocks<D>][kBlockLanes<D>]) {
  for (std::size_t b = 0; b < kVectorBlocks<D>; ++b) transpose_in_blocks(d, v[b]);
  for (std::size_t i = 0; i < kBlockLanes<D>; ++i) {
    if constexpr (kVectorBlocks<D> == 2) transpose_blocks(d, v[0][i], v[1][i]);
#if HWY_TARGET <= HWY_AVX3
    if constexpr (kVectorBlocks<D> == 4) transpose_blocks(d, v[0][i], v[1][i], v[2][i], v[3][i]);
#endif
  }
}

// The first 128-bit blocks at p, p + step, ... side by side.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_blocks(D d, const T* p, std::int64_t step) {
  if constexpr (kVectorBlocks<D> == 1) {
    return hn::LoadU(d, p);
  } else {
    const hn::Half<D> half;
    constexpr auto kLower = static_cast<std::int64_t>(kVectorBlocks<D> / 2);
    return hn::Combine(d, load_blocks(half, p + kLower * step, step), load_blocks(half, p, step));
  }
}

// Vector i, that is v[i / kBlockLanes][i % kBlockLanes], is lane i of every row at p, p + step,
// ..., of as many rows as a vector has lanes. Half the shuffles of transpose_lanes: the loads move
// blocks. Each row is read at one go, since all of them may share one set of the L1 cache.
template <class D, class T, std::size_t... i, std::size_t... b>
HWY_INLINE void load_transposed(D d, const T* p, std::int64_t step,
                                hn::Vec<D> (&v)[kVectorBlocks<D>][kBlockLanes<D>],
                                std::index_sequence<i...>, std::index_sequence<b...>) {
  constexpr std::size_t kBlocks = kVectorBlocks<D>;
  constexpr auto kSide = static_cast<std::int64_t>(kBlockLanes<D>);
  ((v[i % kBlocks][i / kBlocks] = load_blocks(d,
                                              p + static_cast<std::int64_t>(i / kBlocks) * step +
                                                  static_cast<std::int64_t>(i % kBlocks) * kSide,
                                              kSide * step)),
   ...);
  (transpose_in_blocks(d, v[b]), ...);
}

template <class D, class T>
HWY_INLINE void load_transposed(D d, const T* p, std::int64_t step,
                                hn::Vec<D> (&v)[kVectorBlocks<D>][kBlockLanes<D>]) {
  load_transposed(d, p, step, v, std::make_index_sequence<hn::MaxLanes(D())>(),
                  std::make_index_sequence<kVectorBlocks<D>>());
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

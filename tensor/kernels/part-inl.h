// Loads and stores of a part of a vector, for the ends of arrays, once a SIMD target.
#if defined(HOURGLASS_KERNELS_PART_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_PART_INL_H_
#undef HOURGLASS_KERNELS_PART_INL_H_
#else
#define HOURGLASS_KERNELS_PART_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The first `count` elements at p and `filler` in the other lanes; count may be negative or more
// than a vector. Never reads beyond.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_first(D d, const T* p, std::int64_t count, T filler) {
  constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  if (count >= kLanes) return hn::LoadU(d, p);
  if (count <= 0) return hn::Set(d, filler);
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2  // there only below 32 bits
  HWY_ALIGN T buffer[kLanes];
  std::fill_n(buffer, kLanes, filler);
  std::copy_n(p, count, buffer);
  return hn::Load(d, buffer);
#else
  const auto mask = hn::FirstN(d, static_cast<std::size_t>(count));
  return hn::IfThenElse(mask, hn::MaskedLoad(mask, d, p), hn::Set(d, filler));
#endif
}

template <class D, class T>
HWY_INLINE hn::Vec<D> load_first(D d, const T* p, std::int64_t count) {
  return load_first(d, p, count, T{0});
}

// Stores the first `count` lanes of v at p and nothing beyond; count as above.
template <class D, class T>
HWY_INLINE void store_first(D d, hn::Vec<D> v, std::int64_t count, T* p) {
  constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  if (count >= kLanes) return hn::StoreU(v, d, p);
  if (count <= 0) return;
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2
  HWY_ALIGN T buffer[kLanes];
  hn::Store(v, d, buffer);
  std::copy_n(buffer, count, p);
#else
  hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, p);
#endif
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_KERNELS_PART_INL_H_

// What row and column reductions share, once a SIMD target: the joining operations and loads of a
// part of a vector. Included after hwy/highway.h by the files that foreach_target compiles.
#if defined(HOURGLASS_KERNELS_REDUCE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_REDUCE_INL_H_
#undef HOURGLASS_KERNELS_REDUCE_INL_H_
#else
#define HOURGLASS_KERNELS_REDUCE_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Each operation has an identity e with join(x, e) == x for every x, to the sign of a zero. In
// max and min a NaN wins, and the earlier of equals stays.
struct SumOp {
  template <class T>
  static T identity() {
    return static_cast<T>(-0.0);
  }
  template <class D, class V>
  static HWY_INLINE V join(D, V a, V b) {
    return hn::Add(a, b);
  }
};

struct ProdOp {
  template <class T>
  static T identity() {
    return T{1};
  }
  template <class D, class V>
  static HWY_INLINE V join(D, V a, V b) {
    return hn::Mul(a, b);
  }
};

template <bool kLargest>
struct ExtremeOp {
  template <class T>
  static T identity() {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_floating_point_v<T>)
      return kLargest ? -Limits::infinity() : Limits::infinity();
    return kLargest ? Limits::lowest() : Limits::max();
  }
  // The lanes where b replaces a.
  template <class D, class V>
  static HWY_INLINE auto replaces(D, V a, V b) {
    const auto beyond = kLargest ? hn::Gt(b, a) : hn::Lt(b, a);
    if constexpr (std::is_floating_point_v<hn::TFromD<D>>) {
      return hn::Or(beyond, hn::IsNaN(b));
    } else {
      return beyond;
    }
  }
  template <class D, class V>
  static HWY_INLINE V join(D d, V a, V b) {
    return hn::IfThenElse(replaces(d, a, b), b, a);
  }
};

template <class T>
HWY_INLINE bool is_nan(T x) {
  if constexpr (std::is_floating_point_v<T>) return x != x;
  return false;
}

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

#endif

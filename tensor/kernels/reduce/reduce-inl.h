// What row and column reductions share, once a SIMD target: the joining operations. Included after
// hwy/highway.h by the files that foreach_target compiles.
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

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

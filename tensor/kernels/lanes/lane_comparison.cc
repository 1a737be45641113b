// Comparisons and selection.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_comparison.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

// Masks are 1 or 0 in the dtype of the operands. Any comparison with NaN is false, but a != b.

struct Equal {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    return hn::IfThenElse(hn::Eq(a, b), hn::Set(d, hn::TFromD<D>{1}), hn::Zero(d));
  }
};

// Not by Ne, which is false for NaN on x86 with AVX and true without.
struct NotEqual {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    return hn::IfThenElse(hn::Eq(a, b), hn::Zero(d), hn::Set(d, hn::TFromD<D>{1}));
  }
};

struct Less {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    return hn::IfThenElse(hn::Lt(a, b), hn::Set(d, hn::TFromD<D>{1}), hn::Zero(d));
  }
};

struct LessEqual {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    using T = hn::TFromD<D>;
    if constexpr (hwy::IsFloat<T>()) {
      return hn::IfThenElse(hn::Le(a, b), hn::Set(d, T{1}), hn::Zero(d));
    } else {
      return hn::IfThenElse(hn::Gt(a, b), hn::Zero(d), hn::Set(d, T{1}));
    }
  }
};

// Shut for NaN, and 0 where it is shut, whatever a is: a product with a mask makes NaN of inf.
struct Gate {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    return hn::IfThenElseZero(hn::Lt(hn::Zero(d), b), a);
  }
};

// A NaN is a mask other than 0.
struct Where {
  template <class D, class V>
  static HWY_INLINE V call(D d, V mask, V a, V b) {
    return hn::IfThenElse(hn::Eq(mask, hn::Zero(d)), b, a);
  }
};

LaneFunction find_comparison(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kEqual:
      return lane_of<Equal, 2, 0, true>(dtype);
    case Lane::kNotEqual:
      return lane_of<NotEqual, 2, 0, true>(dtype);
    case Lane::kLess:
      return lane_of<Less, 2, 0, true>(dtype);
    case Lane::kLessEqual:
      return lane_of<LessEqual, 2, 0, true>(dtype);
    case Lane::kGate:
      return lane_of<Gate, 2>(dtype);
    case Lane::kWhere:
      return lane_of<Where, 3, 0, true>(dtype);
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(find_comparison);
LaneFunction find_comparison_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_comparison)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

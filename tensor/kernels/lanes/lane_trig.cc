// sin, cos.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_trig.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_trig-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Sin {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    V sine, cosine;
    sin_cos(d, x, sine, cosine);
    // -0 stays -0.
    const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<hn::TFromD<D>>::epsilon()));
    return hn::IfThenElse(tiny, x, sine);
  }
};

struct Cos {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    V sine, cosine;
    sin_cos(d, x, sine, cosine);
    return cosine;
  }
};

LaneFunction find_trig(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kSin:
      return lane_of<Sin, 1>(dtype);
    case Lane::kCos:
      return lane_of<Cos, 1>(dtype);
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

HWY_EXPORT(find_trig);
LaneFunction find_trig_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_trig)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

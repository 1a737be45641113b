// lgamma, digamma, polygamma.

#include <algorithm>

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_gamma.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_gamma-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Lgamma {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return through_f64(d, x, [](auto wide, auto y) HWY_ATTR { return lgamma_f64(wide, y); });
  }
};

struct Digamma {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return through_f64(d, x, [](auto wide, auto y) HWY_ATTR { return digamma_f64(wide, y); });
  }
};

struct Polygamma {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V order) {
    const int n = std::clamp(static_cast<int>(hn::GetLane(order)), 1, most_polygamma);
    return through_f64(d, x, [n](auto wide, auto y) HWY_ATTR { return polygamma_f64(wide, y, n); });
  }
};

LaneFunction find_gamma(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kLgamma:
      return lane_of<Lgamma, 1>(dtype);
    case Lane::kDigamma:
      return lane_of<Digamma, 1>(dtype);
    case Lane::kPolygamma:
      return lane_of<Polygamma, 1, 1>(dtype);
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

HWY_EXPORT(find_gamma);
LaneFunction find_gamma_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_gamma)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

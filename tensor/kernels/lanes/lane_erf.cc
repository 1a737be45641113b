// erf, gelu.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_erf.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_erf-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Erf {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return erf(d, x);
  }
};

struct Gelu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return gelu(d, x);
  }
};

LaneFunction find_erf(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kErf:
      return lane_of<Erf, 1>(dtype);
    case Lane::kGelu:
      return lane_of<Gelu, 1>(dtype);
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

HWY_EXPORT(find_erf);
LaneFunction find_erf_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_erf)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

// log, log1p, logit, xlogy.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_log.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_log-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Log {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return log(d, x);
  }
};

struct Log1p {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return log1p(d, x);
  }
};

struct Logit {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return logit(d, x);
  }
};

struct Xlogy {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V y) {
    const V zero = hn::Zero(d);
    return hn::IfThenElse(hn::Eq(x, zero), zero, hn::Mul(x, log(d, y)));
  }
};

LaneFunction find_log(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kLog:
      return lane_of<Log, 1>(dtype);
    case Lane::kLog1p:
      return lane_of<Log1p, 1>(dtype);
    case Lane::kLogit:
      return lane_of<Logit, 1>(dtype);
    case Lane::kXlogy:
      return lane_of<Xlogy, 2>(dtype);
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

HWY_EXPORT(find_log);
LaneFunction find_log_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_log)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

// sigmoid, softplus, silu, gelu_tanh.

#include "tensor/kernels/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lane_sigmoid.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "tensor/kernels/lane_loop-inl.h"
#include "tensor/kernels/math_exp-inl.h"
#include "tensor/kernels/math_log-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Sigmoid {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return sigmoid(d, x);
  }
};

// max(x, 0) + log1p(e^-|x|)
struct Softplus {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    const V one = hn::Set(d, hn::TFromD<D>{1});
    const V z = exp(d, hn::Neg(hn::Abs(x)));
    const V u = hn::Add(one, z);
    return hn::Add(at_least(d, x, 0), log_sum(d, u, hn::Sub(z, hn::Sub(u, one))));
  }
};

struct Silu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    const V bounded = at_least(d, x, ExpConstants<hn::TFromD<D>>::lowest);
    return times_sigmoid(d, bounded, scaled_exp(d, hn::Neg(hn::Abs(bounded))));
  }
};

LaneFunction find_sigmoid(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kSigmoid:
      return lane_of<Sigmoid, 1>(dtype);
    case Lane::kSoftplus:
      return lane_of<Softplus, 1>(dtype);
    case Lane::kSilu:
      return lane_of<Silu, 1>(dtype);
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

HWY_EXPORT(find_sigmoid);
LaneFunction find_sigmoid_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_sigmoid)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

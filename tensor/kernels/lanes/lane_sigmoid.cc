// sigmoid, softplus, logistic_loss, silu, gelu_tanh.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_sigmoid.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_log-inl.h"
#include "tensor/kernels/lanes/math_sigmoid-inl.h"

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
    return hn::Add(at_least(d, x, 0), log1p_unit(d, exp(d, hn::Neg(hn::Abs(x)))));
  }
};

// x (1 - t) where x > 0, else -x t, which is 0 for a target that is certain, be x infinite; and
// log1p(e^-|x|). Neither is negative for t in [0, 1], so that nothing cancels.
struct LogisticLoss {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V t) {
    const V one = hn::Set(d, hn::TFromD<D>{1}), zero = hn::Zero(d);
    const V size = hn::Abs(x);
    const V missed = hn::IfThenElse(hn::Gt(x, zero), hn::Sub(one, t), t);
    const V far = hn::IfThenElse(hn::Eq(missed, zero), zero, hn::Mul(missed, size));
    return hn::Add(far, log1p_unit(d, exp(d, hn::Neg(size))));
  }
};

template <class T>
struct GeluTanhConstants;
template <>
struct GeluTanhConstants<float> {
  static constexpr float linear[2] = {0x1.988454p0f, -0x1.857936p-25f};  // sqrt(8 / pi)
  static constexpr float cubic[2] = {0x1.2444f2p-4f, 0x1.49b16ap-29f};   // 0.044715 sqrt(8 / pi)
  static constexpr float lowest = -20;                                   // the result is -0 below
};
template <>
struct GeluTanhConstants<double> {
  static constexpr double linear[2] = {0x1.9884533d43651p0, -0x1.cbc0d30ebfd15p-54};
  static constexpr double cubic[2] = {0x1.2444f2a4d8b4bp-4, -0x1.6c843a29d1c70p-61};
  static constexpr double lowest = -50;
};

struct Silu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return silu(d, x);
  }
};

// x sigmoid(v) with v = sqrt(8 / pi) (x + 0.044715 x^3): the tanh form, 1 + tanh(v / 2) = 2
// sigmoid(v). v has two parts, since its error is the relative error of the result for x < 0.
struct GeluTanh {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    using C = GeluTanhConstants<hn::TFromD<D>>;
    const auto pair = [d](const hn::TFromD<D>(&parts)[2]) {
      return Pair<V>{hn::Set(d, parts[0]), hn::Set(d, parts[1])};
    };
    const V bounded = at_least(d, x, C::lowest);
    const V inner = at_most(d, bounded, -C::lowest);
    const V square = hn::Mul(inner, inner);
    const Pair<V> cubic =
        multiply_pairs(d, pair(C::cubic), {square, product_error(d, inner, inner, square)});
    const Pair<V> linear = pair(C::linear);
    // One of the two is the larger, so both orders of the sum are taken into account.
    const V sum = hn::Add(linear.high, cubic.high);
    const V other = hn::Sub(sum, linear.high);
    const V error = hn::Add(hn::Sub(linear.high, hn::Sub(sum, other)), hn::Sub(cubic.high, other));
    const Pair<V> factor{sum, hn::Add(error, hn::Add(linear.low, cubic.low))};
    const V high = hn::Mul(inner, factor.high);
    const V low = hn::MulAdd(inner, factor.low, product_error(d, inner, factor.high, high));
    return times_sigmoid_of_pair(d, bounded, {high, low});
  }
};

LaneFunction find_sigmoid(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kSigmoid:
      return lane_of<Sigmoid, 1>(dtype);
    case Lane::kSoftplus:
      return lane_of<Softplus, 1>(dtype);
    case Lane::kLogisticLoss:
      return lane_of<LogisticLoss, 2>(dtype);
    case Lane::kSilu:
      return lane_of<Silu, 1>(dtype);
    case Lane::kGeluTanh:
      return lane_of<GeluTanh, 1>(dtype);
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

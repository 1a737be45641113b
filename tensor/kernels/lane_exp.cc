// exp, expm1, tanh, elu, selu.

#include "tensor/kernels/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lane_exp.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "tensor/kernels/lane_loop-inl.h"
#include "tensor/kernels/math_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Exp {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return exp(d, x);
  }
};

struct Expm1 {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return expm1(d, x);
  }
};

struct Tanh {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return tanh(d, x);
  }
};

struct Elu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V alpha) {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(alpha, expm1(d, x)));
  }
};

// Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", 2017: lambda x for
// x > 0, lambda alpha expm1(x) below.
struct Selu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    constexpr double lambda = 1.0507009873554804934193349852946;
    constexpr double alpha = 1.6732632423543772848170429916717;
    using T = hn::TFromD<D>;
    const auto positive = hn::Gt(x, hn::Zero(d));
    const V scale = hn::IfThenElse(positive, hn::Set(d, static_cast<T>(lambda)),
                                   hn::Set(d, static_cast<T>(lambda * alpha)));
    return hn::Mul(scale, hn::IfThenElse(positive, x, expm1(d, x)));
  }
};

LaneFunction find_exp(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kExp:
      return lane_of<Exp, 1>(dtype);
    case Lane::kExpm1:
      return lane_of<Expm1, 1>(dtype);
    case Lane::kTanh:
      return lane_of<Tanh, 1>(dtype);
    case Lane::kElu:
      return lane_of<Elu, 1, 1>(dtype);
    case Lane::kSelu:
      return lane_of<Selu, 1>(dtype);
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

HWY_EXPORT(find_exp);
LaneFunction find_exp_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_exp)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

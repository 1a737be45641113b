// exp, expm1, tanh, elu, selu.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_exp.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_exp-inl.h"
#include "tensor/kernels/lanes/math_sigmoid-inl.h"

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

template <class T>
struct SeluConstants;  // lambda and lambda alpha, in two parts
template <>
struct SeluConstants<float> {
  static constexpr float positive[2] = {0x1.0cfabep0f, -0x1.2adddap-25f};
  static constexpr float negative[2] = {0x1.c212ccp0f, 0x1.903c0cp-26f};
};
template <>
struct SeluConstants<double> {
  static constexpr double positive[2] = {0x1.0cfabd6a91132p0, 0x1.6fc7d272f2695p-55};
  static constexpr double negative[2] = {0x1.c212cc640f031p0, 0x1.05161b045a1fep-56};
};

// Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", 2017: lambda x for
// x > 0, lambda alpha expm1(x) below, with lambda = 1.0507009873554805, alpha = 1.6732632423543772.
struct Selu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    using C = SeluConstants<hn::TFromD<D>>;
    const auto positive = hn::Gt(x, hn::Zero(d));
    const auto choose = [d, positive](hn::TFromD<D> yes, hn::TFromD<D> no) HWY_ATTR {
      return hn::IfThenElse(positive, hn::Set(d, yes), hn::Set(d, no));
    };
    const V y = hn::IfThenElse(positive, x, expm1(d, x));
    // Infinity times a low part of the other sign would be inf - inf.
    const V finite = at_most(d, y, std::numeric_limits<hn::TFromD<D>>::max());
    const V low = hn::Mul(finite, choose(C::positive[1], C::negative[1]));
    return hn::MulAdd(y, choose(C::positive[0], C::negative[0]), low);
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

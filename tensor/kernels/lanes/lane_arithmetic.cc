// The four operations, roots, and what is piecewise linear. +, -, *, /, sqrt round correctly.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_arithmetic.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_base-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

template <class D, class V>
HWY_INLINE hn::Mask<D> is_nan(D d, V x) {
  if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
    return hn::IsNaN(x);
  } else {
    return hn::MaskFromVec(hn::Zero(d));
  }
}

struct Sqrt {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return hn::Sqrt(x);
  }
};

struct Rsqrt {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return hn::Div(hn::Set(d, hn::TFromD<D>{1}), hn::Sqrt(x));
  }
};

struct Reciprocal {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return hn::Div(hn::Set(d, hn::TFromD<D>{1}), x);
  }
};

struct Square {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return hn::Mul(x, x);
  }
};

struct Negate {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return hn::Neg(x);
  }
};

struct Abs {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return hn::Abs(x);
  }
};

// 1, -1, and x itself where it is neither greater nor less than 0: 0, -0, NaN.
struct Sign {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    using T = hn::TFromD<D>;
    const V negative = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Set(d, T{-1}), x);
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), hn::Set(d, T{1}), negative);
  }
};

// NaN is not less than 0 and stays.
struct Relu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
  }
};

struct LeakyRelu {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V slope) {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(slope, x));
  }
};

struct Clip {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V low, V high) {
    (void)d;
    const V y = hn::IfThenElse(hn::Gt(x, high), high, x);
    return hn::IfThenElse(hn::Lt(x, low), low, y);
  }
};

// x / (1 + |x|), with inf / inf avoided.
struct Softsign {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    using T = hn::TFromD<D>;
    constexpr T largest = std::numeric_limits<T>::max();
    const V finite = at_most(d, at_least(d, x, -largest), largest);
    return hn::Div(finite, hn::Add(hn::Set(d, T{1}), hn::Abs(finite)));
  }
};

struct Add {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    (void)d;
    return hn::Add(a, b);
  }
};

struct Subtract {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    (void)d;
    return hn::Sub(a, b);
  }
};

struct Multiply {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    (void)d;
    return hn::Mul(a, b);
  }
};

struct Divide {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    (void)d;
    return hn::Div(a, b);
  }
};

// Of equals (0 and -0) the second; a NaN on either side wins.
struct Maximum {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Gt(a, b), is_nan(d, a)), a, b);
  }
};

struct Minimum {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Lt(a, b), is_nan(d, a)), a, b);
  }
};

LaneFunction find_arithmetic(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kSqrt:
      return lane_of<Sqrt, 1>(dtype);
    case Lane::kRsqrt:
      return lane_of<Rsqrt, 1>(dtype);
    case Lane::kReciprocal:
      return lane_of<Reciprocal, 1>(dtype);
    case Lane::kSquare:
      return lane_of<Square, 1, 0, true>(dtype);
    case Lane::kNegate:
      return lane_of<Negate, 1, 0, true>(dtype);
    case Lane::kAbs:
      return lane_of<Abs, 1, 0, true>(dtype);
    case Lane::kSign:
      return lane_of<Sign, 1, 0, true>(dtype);
    case Lane::kRelu:
      return lane_of<Relu, 1, 0, true>(dtype);
    case Lane::kLeakyRelu:
      return lane_of<LeakyRelu, 1, 1>(dtype);
    case Lane::kClip:
      return lane_of<Clip, 1, 2>(dtype);
    case Lane::kSoftsign:
      return lane_of<Softsign, 1>(dtype);
    case Lane::kAdd:
      return lane_of<Add, 2, 0, true>(dtype);
    case Lane::kSubtract:
      return lane_of<Subtract, 2, 0, true>(dtype);
    case Lane::kMultiply:
      return lane_of<Multiply, 2, 0, true>(dtype);
    case Lane::kDivide:
      return lane_of<Divide, 2>(dtype);
    case Lane::kMaximum:
      return lane_of<Maximum, 2, 0, true>(dtype);
    case Lane::kMinimum:
      return lane_of<Minimum, 2, 0, true>(dtype);
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

HWY_EXPORT(find_arithmetic);
LaneFunction find_arithmetic_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_arithmetic)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

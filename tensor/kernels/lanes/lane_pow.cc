// pow, pow_scalar.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_pow.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"
#include "tensor/kernels/lanes/math_pow-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Pow {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x, V y) {
    return pow(d, x, y);
  }
};

struct One {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)x;
    return hn::Set(d, hn::TFromD<D>{1});
  }
};

struct Same {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return x;
  }
};

struct Square {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return hn::Mul(x, x);
  }
};

struct Cube {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    (void)d;
    return hn::Mul(hn::Mul(x, x), x);
  }
};

struct Reciprocal {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    return hn::Div(hn::Set(d, hn::TFromD<D>{1}), x);
  }
};

// As std::pow, and not std::sqrt, at -0 and -inf.
struct SquareRoot {
  template <class D, class V>
  static HWY_INLINE V call(D d, V x) {
    const V infinity = hn::Set(d, std::numeric_limits<hn::TFromD<D>>::infinity());
    const V root = hn::Sqrt(hn::Add(x, hn::Zero(d)));
    return hn::IfThenElse(hn::Eq(x, hn::Neg(infinity)), infinity, root);
  }
};

// Common exponents have loops of their own.
template <class T>
void pow_scalar_loop(const void* const* x, void* y, std::size_t n, const double* parameters) {
  const double exponent = parameters[0];
  const auto with = [&](LaneFunction loop) { loop(x, y, n, parameters); };
  if (exponent == 2) return with(&lane_loop<T, Square, 1, 0>);
  if (exponent == 0.5) return with(&lane_loop<T, SquareRoot, 1, 0>);
  if (exponent == -1) return with(&lane_loop<T, Reciprocal, 1, 0>);
  if (exponent == 3) return with(&lane_loop<T, Cube, 1, 0>);
  if (exponent == 1) return with(&lane_loop<T, Same, 1, 0>);
  if (exponent == 0) return with(&lane_loop<T, One, 1, 0>);
  with(&lane_loop<T, Pow, 1, 1>);
}

LaneFunction find_pow(Lane lane, DType dtype) {
  switch (lane) {
    case Lane::kPow:
      return lane_of<Pow, 2>(dtype);
    case Lane::kPowScalar:
      return dtype == DType::kF32   ? &pow_scalar_loop<float>
             : dtype == DType::kF64 ? &pow_scalar_loop<double>
                                    : nullptr;
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

HWY_EXPORT(find_pow);
LaneFunction find_pow_lane(Lane lane, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_pow)(lane, dtype);
}

}  // namespace hourglass::kernels
#endif

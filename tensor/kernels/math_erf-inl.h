// The error function on vectors of f32 and f64.

#if defined(HOURGLASS_MATH_ERF_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_ERF_INL_H_
#undef HOURGLASS_MATH_ERF_INL_H_
#else
#define HOURGLASS_MATH_ERF_INL_H_
#endif

#include "tensor/kernels/math_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// erf x = x + x small(x^2) for |x| <= 1, errors 2^-29 (f32) and 2^-55 (f64) of x. With Phi the
// normal distribution function, e^(x^2/2) Phi(-x) = p(q) / (x + k) for x >= 0, q = (x - k) / (x +
// k), k = 2.75, up to where Phi(-x) underflows: relative errors 2^-26 and 2^-55.
template <class T>
struct ErfConstants;
template <>
struct ErfConstants<float> {
  static constexpr float small[] = {0.12837917f,   -0.3761263f,    0.11283619f,   -0.026855174f,
                                    0.0051908446f, -0.0008031836f, 7.9241305e-05f};
  static constexpr float p[] = {0.71898603f,    -0.47435412f,    0.18233436f,   -0.016566135f,
                                -0.016444743f,  0.0032120564f,   0.002502251f,  -0.00030842965f,
                                -0.0004549826f, -1.7644197e-05f, 4.2814798e-05f};
  static constexpr float erf_highest = 5;      // erf is 1 above
  static constexpr float normal_lowest = -20;  // the normal distribution function is 0 below
};
template <>
struct ErfConstants<double> {
  static constexpr double small[] = {
      0.12837916709551256,     -0.37612638903183476,    0.11283791670943447,
      -0.02686617064306099,    0.005223977605995373,    -0.0008548325931727704,
      0.00012055293808155598,  -1.4924718787983076e-05, 1.6447228937059666e-06,
      -1.6207152295407256e-07, 1.3714890690934942e-08,  -7.7871402635188e-10};
  static constexpr double p[] = {
      0.7189860375541092,     -0.47435412658332876,    0.1823345359957536,
      -0.016565961731978822,  -0.01644861817792136,    0.0032103259166430006,
      0.002525475289831228,   -0.00029722965533861425, -0.000510548358627435,
      -5.186044579466691e-05, 9.378884729483358e-05,   4.096840548276162e-05,
      -7.390146464648105e-06, -1.2911608644648667e-05, -3.6595501137836337e-06,
      1.703346801821998e-06,  1.8414013751868267e-06,  4.881051060529406e-07,
      -2.830890700084885e-07, -3.18079129849152e-07,   -8.075741584601707e-08,
      6.2479850009735e-08,    4.9335348216684345e-08,  2.2939009981942527e-09,
      -8.143790631722497e-09, -2.243260714594725e-09};
  static constexpr double erf_highest = 7;
  static constexpr double normal_lowest = -50;
};

// e^(x^2/2) Phi(-x) for x >= 0.
template <class D, class V>
HWY_INLINE V scaled_normal_tail(D d, V x) {
  using T = hn::TFromD<D>;
  const V k = hn::Set(d, T{2.75});
  const V s = hn::Div(hn::Set(d, T{1}), hn::Add(x, k));
  return hn::Mul(polynomial(d, hn::Mul(hn::Sub(x, k), s), ErfConstants<T>::p), s);
}

// 1 - 2 Phi(-sqrt(2) x) for large x.
template <class D, class V>
HWY_INLINE V erf(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ErfConstants<T>;
  const V one = hn::Set(d, T{1});
  const V t = at_most(d, hn::Abs(x), C::erf_highest);
  const V t2 = hn::Mul(t, t);
  const V tail = scaled_normal_tail(d, hn::Mul(t, hn::Set(d, T(0x1.6a09e667f3bcdp0))));
  const V large = hn::NegMulAdd(hn::Add(tail, tail), exp(d, hn::Neg(t2)), one);
  const V small = hn::MulAdd(t, polynomial(d, t2, C::small), t);
  return hn::CopySignToAbs(hn::IfThenElse(hn::Lt(t, one), small, large), x);
}

// x Phi(x), to full relative accuracy for x < 0 too: e^(-x^2/2) from x^2 in two parts.
template <class D, class V>
HWY_INLINE V gelu(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ErfConstants<T>;
  const V half = hn::Set(d, T{0.5}), one = hn::Set(d, T{1});
  const V bounded = at_least(d, x, C::normal_lowest);
  const V size = at_most(d, hn::Abs(bounded), -C::normal_lowest);
  const V square = hn::Mul(size, size);
  const V low = hn::Mul(hn::Neg(half), product_error(d, size, size, square));
  const V half_square = hn::Mul(half, square);
  const ScaledExp<V> e = scaled_exp(d, hn::Neg(half_square), low);
  const V tail = hn::Mul(scaled_normal_tail(d, size), e.fraction);
  const V negative = hn::Mul(hn::Mul(bounded, tail), e.scale);
  const V positive = hn::Mul(x, hn::NegMulAdd(tail, e.scale, one));
  // Phi(x) = 1/2 + erf(t) / 2 for |x| < 1, where the tail is no longer small; t = x / sqrt(2).
  const V half_t = hn::Mul(bounded, hn::Set(d, T(0x1.6a09e667f3bcdp-2)));
  const V half_erf = hn::MulAdd(half_t, polynomial(d, half_square, C::small), half_t);
  const V small = hn::Mul(x, hn::Add(half, half_erf));
  const V large = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), negative, positive);
  return hn::IfThenElse(hn::Lt(size, one), small, large);
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_ERF_INL_H_

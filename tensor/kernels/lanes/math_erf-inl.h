// The error function on vectors of f32 and f64.

#if defined(HOURGLASS_MATH_ERF_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_ERF_INL_H_
#undef HOURGLASS_MATH_ERF_INL_H_
#else
#define HOURGLASS_MATH_ERF_INL_H_
#endif

#include "tensor/kernels/lanes/math_exp-inl.h"

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

// e^(x^2/2) Phi(-x) to some ten bits more than f64 holds: the division and the last two steps of
// the polynomial in pairs.
template <class D, class V>
HWY_INLINE Pair<V> scaled_normal_tail_pair(D d, V x) {
  using C = ErfConstants<double>;
  const V one = hn::Set(d, 1.0), k = hn::Set(d, 2.75), twice_k = hn::Set(d, 5.5);
  const Pair<V> b = two_sum(x, k);
  Pair<V> s;
  s.high = hn::Div(one, b.high);
  s.low = hn::Mul(s.high, hn::NegMulAdd(s.high, b.low, exact_neg_mul_add(d, s.high, b.high, one)));
  // q = 1 - 2 k s
  const V m = hn::Mul(twice_k, s.high);
  Pair<V> q = two_sum(one, hn::Neg(m));
  const V m_low = hn::MulAdd(twice_k, s.low, product_error(d, twice_k, s.high, m));
  q.low = hn::Sub(q.low, m_low);

  const V higher = polynomial<2>(d, q.high, C::p);
  const V linear = hn::Mul(q.high, higher);
  Pair<V> p = fast_two_sum(hn::Set(d, C::p[1]), linear);
  p.low = hn::Add(p.low, product_error(d, q.high, higher, linear));
  const Pair<V> product = multiply_pairs(d, q, p);
  p = fast_two_sum(hn::Set(d, C::p[0]), product.high);
  p.low = hn::Add(p.low, product.low);
  return multiply_pairs(d, p, s);
}

// e^(r + rest) to some ten bits more than f64 holds.
template <class D, class V>
HWY_INLINE Pair<V> exp_fraction_pair(D d, const ReducedExponent<D, V>& e) {
  const Pair<V> linear = fast_two_sum(hn::Set(d, 1.0), e.r);
  return fast_two_sum(linear.high, hn::Add(linear.low, exp_second_order(d, e)));
}

// x Phi(x), Phi the normal distribution function, from the tail Phi(-|x|): to full relative
// accuracy for x < 0 too, with e^(-x^2/2) from x^2 in two parts.
template <class D, class V>
HWY_INLINE V gelu(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ErfConstants<T>;
  const V half = hn::Set(d, T{0.5}), one = hn::Set(d, T{1});
  const V bounded = at_least(d, x, C::normal_lowest);
  const V size = at_most(d, hn::Abs(bounded), -C::normal_lowest);
  const V square = hn::Mul(size, size);
  const V low = hn::Mul(hn::Neg(half), product_error(d, size, size, square));
  const auto e = reduce_exponent(d, bounded_exponent(d, hn::Mul(hn::Neg(half), square)), low,
                                 2 * exponent_bias<T>);
  const auto is_negative = hn::Lt(x, hn::Zero(d));
  if constexpr (sizeof(T) == 4) {
    const V tail = scaled_normal_tail(d, size);
    const V fraction = exp_fraction(d, e);
    const V negative = times_power_of_two(d, hn::Mul(bounded, hn::Mul(tail, fraction)), e);
    const V positive = hn::Mul(x, hn::NegMulAdd(tail, times_power_of_two(d, fraction, e), one));
    return hn::IfThenElse(is_negative, negative, positive);
  } else {
    const Pair<V> tail =
        multiply_pairs(d, scaled_normal_tail_pair(d, size), exp_fraction_pair(d, e));
    const V product = hn::MulAdd(bounded, tail.high, hn::Mul(bounded, tail.low));
    const V negative = times_power_of_two(d, product, e);
    Pair<V> rest = fast_two_sum(one, hn::Neg(times_power_of_two(d, tail.high, e)));
    rest.low = hn::Sub(rest.low, times_power_of_two(d, tail.low, e));
    const V positive = hn::MulAdd(x, rest.high, hn::Mul(size, rest.low));
    return hn::CopySign(hn::IfThenElse(is_negative, negative, positive), x);  // -0 stays
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_ERF_INL_H_

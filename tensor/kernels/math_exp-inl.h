// exp and what is made of it, on vectors of f32 and f64. ULP figures are those of the lanes that
// use them.

#if defined(HOURGLASS_MATH_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_EXP_INL_H_
#undef HOURGLASS_MATH_EXP_INL_H_
#else
#define HOURGLASS_MATH_EXP_INL_H_
#endif

#include "tensor/kernels/math_base-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// expm1(r) = r + r^2 q(r) for |r| <= ln 2 / 2, minimax in relative error: 2^-26 (f32), 2^-61 (f64).
// ln 2 in two parts: the first is short, so that n ln2_high is exact without FMA.
template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  static constexpr float q[] = {0.49999997f, 0.16666543f, 0.041667506f, 0.008366556f,
                                0.0013864287f};
  static constexpr float log2_e = 1.442695041f, ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
  static constexpr float lowest = -150, highest = 89;  // exp is 0 below, infinite above
  static constexpr float tanh_highest = 20;            // 2 |x|: tanh is 1 above
  static constexpr float expm1_lowest = -18, expm1_highest = 88.8f;  // -1 below, infinite above
};
template <>
struct ExpConstants<double> {
  static constexpr double q[] = {0.5,
                                 0.16666666666666677,
                                 0.04166666666666661,
                                 0.008333333333321436,
                                 0.0013888888888923816,
                                 0.00019841269886601229,
                                 2.4801587237530784e-05,
                                 2.755724373458009e-06,
                                 2.7557352849505715e-07,
                                 2.510920369511342e-08,
                                 2.088953096683322e-09};
  static constexpr double log2_e = 0x1.71547652b82fep0;
  static constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double lowest = -1400, highest = 710;
  static constexpr double tanh_highest = 40;
  static constexpr double expm1_lowest = -39, expm1_highest = 709.8;
};

// x + low = n ln 2 + r: returns expm1(r); `biased` holds n + bias in its low bits.
template <class D, class V>
HWY_INLINE V expm1_reduced(D d, V x, V low, int bias, hn::Vec<Bits<D>>& biased) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  const V offset = hn::Set(d, round_to_integer<T> + static_cast<T>(bias));
  const V t = hn::MulAdd(x, hn::Set(d, C::log2_e), offset);
  const V n = hn::Sub(t, offset);
  biased = hn::BitCast(Bits<D>(), t);
  const V high = hn::NegMulAdd(n, hn::Set(d, C::ln2_high), x);
  low = hn::NegMulAdd(n, hn::Set(d, C::ln2_low), low);
  const V r = hn::Add(high, low);
  const V r2 = hn::Mul(r, r);
  const V q = polynomial(d, r, C::q);
  if constexpr (sizeof(T) == 4) return hn::MulAdd(r2, q, r);
  // In f64 what the rounding of r lost goes back in.
  const V lost = hn::Sub(low, hn::Sub(r, high));
  return hn::Add(r, hn::MulAdd(r2, q, lost));
}

// exp(x) = fraction * scale, of which the product alone underflows or overflows: whoever has a
// factor to apply multiplies it into the fraction first, and loses nothing where exp(x) is
// denormal.
template <class V>
struct ScaledExp {
  V fraction, scale;
};

// exp(x + low) for a low part of 2^-10 or less.
template <class D, class V>
HWY_INLINE ScaledExp<V> scaled_exp(D d, V x, V low) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  x = at_most(d, at_least(d, x, C::lowest), C::highest);
  hn::Vec<Bits<D>> biased;
  const V p = expm1_reduced(d, x, low, 2 * exponent_bias<T>, biased);
  // 2^n in two factors: 2^n alone is no normal number at either end of the range.
  const auto half = hn::ShiftRight<1>(biased);
  const V fraction = hn::Add(p, hn::Set(d, T{1}));
  return {hn::Mul(fraction, power_of_two(d, half)), power_of_two(d, hn::Sub(biased, half))};
}

// e^x. NaN stays; overflow gives inf, underflow goes through the denormals to 0.
template <class D, class V>
HWY_INLINE V exp(D d, V x) {
  const ScaledExp<V> e = scaled_exp(d, x, hn::Zero(d));
  return hn::Mul(e.fraction, e.scale);
}

// e^x - 1, exact for tiny x.
template <class D, class V>
HWY_INLINE V expm1(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  const V clamped = at_most(d, at_least(d, x, C::expm1_lowest), C::expm1_highest);
  hn::Vec<Bits<D>> biased;
  const V p = expm1_reduced(d, clamped, hn::Zero(d), exponent_bias<T> - 1, biased);
  const V half_scale =
      power_of_two(d, biased);  // 2^(n - 1): 2^n overflows where the result does not
  const V half = hn::MulAdd(half_scale, p, hn::Sub(half_scale, hn::Set(d, T{0.5})));
  const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<T>::epsilon() / 4));
  return hn::IfThenElse(tiny, x, hn::Add(half, half));
}

// tanh x = t / (t + 2) with t = expm1(2 |x|): accurate for small x, bounded for large.
template <class D, class V>
HWY_INLINE V tanh(D d, V x) {
  using T = hn::TFromD<D>;
  const V twice = at_most(d, hn::Abs(hn::Add(x, x)), ExpConstants<T>::tanh_highest);
  hn::Vec<Bits<D>> biased;
  const V p = expm1_reduced(d, twice, hn::Zero(d), exponent_bias<T>, biased);
  const V scale = power_of_two(d, biased);
  const V t = hn::MulAdd(scale, p, hn::Sub(scale, hn::Set(d, T{1})));
  return hn::CopySignToAbs(hn::Div(t, hn::Add(t, hn::Set(d, T{2}))), x);
}

// x / (1 + e^-x) and 1 / (1 + e^-x) have the form numerator / (1 + z) with z = e^-|x|, where the
// numerator of a negative x has the factor z.
template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>{1});
  const V z = exp(d, hn::Neg(hn::Abs(x)));
  const auto negative = hn::Lt(x, hn::Zero(d));
  return hn::Div(hn::IfThenElse(negative, z, one), hn::Add(one, z));
}

// x sigmoid(v) for an x of the sign of v, given e^-|v|; x must be bounded from below so that x z is
// 0 where z is.
template <class D, class V>
HWY_INLINE V times_sigmoid(D d, V x, ScaledExp<V> z) {
  const V one = hn::Set(d, hn::TFromD<D>{1});
  const V scaled = hn::Mul(hn::Mul(x, z.fraction), z.scale);
  const auto negative = hn::Lt(x, hn::Zero(d));
  const V denominator = hn::MulAdd(z.fraction, z.scale, one);
  return hn::Div(hn::IfThenElse(negative, scaled, x), denominator);
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_EXP_INL_H_

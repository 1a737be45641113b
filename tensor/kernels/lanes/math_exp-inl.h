// exp and what is made of it, on vectors of f32 and f64. ULP figures are those of the lanes that
// use them.

#if defined(HOURGLASS_MATH_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_EXP_INL_H_
#undef HOURGLASS_MATH_EXP_INL_H_
#else
#define HOURGLASS_MATH_EXP_INL_H_
#endif

#include "tensor/kernels/lanes/math_base-inl.h"

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
  static constexpr double expm1_lowest = -39, expm1_highest = 709.8;
};

// An exponent n ln 2 + r + rest: n an integer, |r| <= ln 2 / 2, the rest a rounding error of r (f64
// only). `biased` holds n + the bias asked for in its low bits.
template <class D, class V>
struct ReducedExponent {
  V n, r, rest;
  hn::Vec<Bits<D>> biased;
};

// x + low, for a low part of 2^-10 or less.
template <class D, class V>
HWY_INLINE ReducedExponent<D, V> reduce_exponent(D d, V x, V low, int bias) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  const V offset = hn::Set(d, round_to_integer<T> + static_cast<T>(bias));
  const V t = hn::MulAdd(x, hn::Set(d, C::log2_e), offset);
  const V n = hn::Sub(t, offset);
  const V high = hn::NegMulAdd(n, hn::Set(d, C::ln2_high), x);
  low = hn::NegMulAdd(n, hn::Set(d, C::ln2_low), low);
  const V r = hn::Add(high, low);
  return {n, r, hn::Sub(low, hn::Sub(r, high)), hn::BitCast(Bits<D>(), t)};
}

// x alone: an operation less in f32.
template <class D, class V>
HWY_INLINE ReducedExponent<D, V> reduce_exponent(D d, V x, int bias) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  ReducedExponent<D, V> e = reduce_exponent(d, x, hn::Zero(d), bias);
  if constexpr (sizeof(T) == 4) {
    const V high = hn::NegMulAdd(e.n, hn::Set(d, C::ln2_high), x);
    e.r = hn::NegMulAdd(e.n, hn::Set(d, C::ln2_low), high);
  }
  return e;
}

// e^(r + rest) as 1 + r + what is returned.
template <class D, class V>
HWY_INLINE V exp_second_order(D d, const ReducedExponent<D, V>& e) {
  const V r2 = hn::Mul(e.r, e.r);
  return hn::MulAdd(r2, polynomial(d, e.r, ExpConstants<hn::TFromD<D>>::q), e.rest);
}

// e^(r + rest) - 1
template <class D, class V>
HWY_INLINE V expm1_fraction(D d, const ReducedExponent<D, V>& e) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) return hn::Add(e.r, exp_second_order(d, e));
  return hn::MulAdd(hn::Mul(e.r, e.r), polynomial(d, e.r, ExpConstants<T>::q), e.r);
}

// e^(r + rest)
template <class D, class V>
HWY_INLINE V exp_fraction(D d, const ReducedExponent<D, V>& e) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T{1});
  if constexpr (sizeof(T) == 8) return hn::Add(expm1_fraction(d, e), one);
  const V slope = hn::MulAdd(e.r, polynomial(d, e.r, ExpConstants<T>::q), one);
  return hn::MulAdd(e.r, slope, one);
}

// x + low for exp_fraction and times_power_of_two; beyond the range of e^x, one of its ends.
template <class D, class V>
HWY_INLINE V bounded_exponent(D d, V x) {
  using C = ExpConstants<hn::TFromD<D>>;
  return at_most(d, at_least(d, x, C::lowest), C::highest);
}

// y 2^n with one rounding, where it is denormal too, for an exponent with the bias 2 exponent_bias:
// who has a factor for e^x applies it to the fraction, and loses nothing where the product is
// denormal.
template <class D, class V>
HWY_INLINE V times_power_of_two(D d, V y, const ReducedExponent<D, V>& e) {
#if HWY_TARGET == HWY_AVX3
  (void)d;
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    return V{_mm512_scalef_ps(y.raw, e.n.raw)};
  } else {
    return V{_mm512_scalef_pd(y.raw, e.n.raw)};
  }
#else
  // In two factors: 2^n alone is no normal number at either end of the range.
  const auto half = hn::ShiftRight<1>(e.biased);
  return hn::Mul(hn::Mul(y, power_of_two(d, half)), power_of_two(d, hn::Sub(e.biased, half)));
#endif
}

// e^x. NaN stays; overflow gives inf, underflow goes through the denormals to 0.
template <class D, class V>
HWY_INLINE V exp(D d, V x) {
  const auto e = reduce_exponent(d, bounded_exponent(d, x), 2 * exponent_bias<hn::TFromD<D>>);
  return times_power_of_two(d, exp_fraction(d, e), e);
}

// e^x - 1, exact for tiny x.
template <class D, class V>
HWY_INLINE V expm1(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  const V bounded = at_most(d, at_least(d, x, C::expm1_lowest), C::expm1_highest);
  const auto e = reduce_exponent(d, bounded, exponent_bias<T> - 1);
  // 2^(n - 1): 2^n overflows where the result does not.
  const V half_scale = power_of_two(d, e.biased);
  const V offset = hn::Sub(half_scale, hn::Set(d, T{0.5}));
  const V half = hn::MulAdd(half_scale, expm1_fraction(d, e), offset);
  const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<T>::epsilon() / 4));
  return hn::IfThenElse(tiny, x, hn::Add(half, half));
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_EXP_INL_H_

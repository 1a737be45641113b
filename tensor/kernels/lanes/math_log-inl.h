// Logarithms on vectors of f32 and f64.

#if defined(HOURGLASS_MATH_LOG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_LOG_INL_H_
#undef HOURGLASS_MATH_LOG_INL_H_
#else
#define HOURGLASS_MATH_LOG_INL_H_
#endif

#include <bit>

#include "tensor/kernels/lanes/math_base-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct LogConstants;
template <>
struct LogConstants<float> {
  // log(1 + f) = f - f^2/2 + f^3 p(f) on [sqrt(1/2) - 1, sqrt(2) - 1], relative error 2^-27.
  static constexpr float p[] = {0.3333332f,  -0.25000817f, 0.20001897f, -0.16623953f,
                                0.14190501f, -0.13144869f, 0.12821645f, -0.07740178f};
  static constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
  static constexpr float half_root = 0x1.6a09e6p-1f;
};
template <>
struct LogConstants<double> {
  // log((1 + s) / (1 - s)) = 2 s + s^3 p(s^2) for |s| <= 0.1716, relative error 2^-59.
  static constexpr double p[] = {0.6666666666666734,  0.3999999999941699,  0.28571428741915456,
                                 0.22222198618341268, 0.18183562120228625, 0.1531410388710444,
                                 0.14795443498367677};
  static constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double half_root = 0x1.6a09e667f3bcdp-1;
};

// log(1 + f) = f - rest: returns the rest minus `low`, which is small beside f.
template <class D, class V>
HWY_INLINE V log_rest(D d, V f, V low) {
  using T = hn::TFromD<D>;
  using C = LogConstants<T>;
  if constexpr (sizeof(T) == 4) {
    const V f2 = hn::Mul(f, f);
    const V cubic = hn::MulAdd(hn::Mul(f, f2), polynomial(d, f, C::p), low);
    return hn::MulSub(hn::Set(d, T{0.5}), f2, cubic);
  } else {
    // With s = f / (2 + f): log(1 + f) = f - (f^2/2 - s (f^2/2 + s^2 p(s^2))).
    const V s = hn::Div(f, hn::Add(f, hn::Set(d, T{2})));
    const V s2 = hn::Mul(s, s);
    const V half_square = hn::Mul(hn::Mul(hn::Set(d, T{0.5}), f), f);
    const V inner = hn::MulAdd(s2, polynomial(d, s2, C::p), half_square);
    return hn::Sub(half_square, hn::MulAdd(s, inner, low));
  }
}

// u = 2^k m with m in [sqrt(1/2), sqrt(2)); u finite, positive and normal.
template <class D, class V>
struct Decomposed {
  V m, k;
  hn::Vec<Bits<D>> biased;  // k + exponent_bias
};

template <class D, class V>
HWY_INLINE Decomposed<D, V> decompose(D d, V u) {
  using T = hn::TFromD<D>;
  using U = hn::TFromD<Bits<D>>;
  const Bits<D> du;
  constexpr int digits = std::numeric_limits<T>::digits;
  const U root = std::bit_cast<U>(LogConstants<T>::half_root);
  // 1.5 * 2^23 (2^52) with an integer in its low bits is a number from which to subtract the
  // constant.
  const U magic = std::bit_cast<U>(round_to_integer<T>);
  const auto shifted = hn::Add(hn::BitCast(du, u), hn::Set(du, std::bit_cast<U>(T{1}) - root));
  const auto biased = hn::ShiftRight<digits - 1>(shifted);
  const auto m =
      hn::Add(hn::And(shifted, hn::Set(du, (U{1} << (digits - 1)) - 1)), hn::Set(du, root));
  const V k = hn::Sub(hn::BitCast(d, hn::Or(biased, hn::Set(du, magic))),
                      hn::Set(d, round_to_integer<T> + exponent_bias<T>));
  return {hn::BitCast(d, m), k, biased};
}

// The same for denormal u too; `biased` is then that of a multiple of u.
template <class D, class V>
HWY_INLINE Decomposed<D, V> decompose_positive(D d, V u) {
  using T = hn::TFromD<D>;
  constexpr int digits = std::numeric_limits<T>::digits;
  const auto denormal = hn::Lt(u, hn::Set(d, std::numeric_limits<T>::min()));
  const V lift = hn::Set(d, static_cast<T>(std::uint64_t{1} << digits));
  Decomposed<D, V> x = decompose(d, hn::IfThenElse(denormal, hn::Mul(u, lift), u));
  x.k = hn::Sub(x.k, hn::IfThenElseZero(denormal, hn::Set(d, static_cast<T>(digits))));
  return x;
}

// log((1 + f) 2^k)
template <class D, class V>
HWY_INLINE V log_parts(D d, V f, V k) {
  using C = LogConstants<hn::TFromD<D>>;
  const V rest = log_rest(d, f, hn::Mul(k, hn::Set(d, C::ln2_low)));
  return hn::MulAdd(k, hn::Set(d, C::ln2_high), hn::Sub(f, rest));
}

// log(u + low) for a u in parts and |low| of a rounding error of u or less; 0 for a denormal u.
template <class D, class V>
HWY_INLINE V log_sum(D d, const Decomposed<D, V>& u, V low) {
  using T = hn::TFromD<D>;
  const Bits<D> du;
  // 2^-k by way of 2^(1 - k), which is 0 and not beyond the exponents for the largest u.
  const auto negated = hn::Sub(hn::Set(du, 2 * exponent_bias<T> + 1), u.biased);
  const V scale = hn::Mul(power_of_two(d, negated), hn::Set(d, T{0.5}));
  return log_parts(d, hn::MulAdd(low, scale, hn::Sub(u.m, hn::Set(d, T{1}))), u.k);
}

// The special values of a logarithm y of x, whose argument is 0 at `zero`: -inf there, NaN below;
// NaN and inf stay.
template <class D, class V>
HWY_INLINE V log_special(D d, V x, hn::TFromD<D> zero, V y) {
  using T = hn::TFromD<D>;
  using Limits = std::numeric_limits<T>;
  const V at = hn::Set(d, zero);
  y = hn::IfThenElse(hn::Lt(x, hn::Set(d, Limits::infinity())), y, x);
  y = hn::IfThenElse(hn::Eq(x, at), hn::Set(d, -Limits::infinity()), y);
  return hn::IfThenElse(hn::Lt(x, at), hn::Set(d, Limits::quiet_NaN()), y);
}

// Which x are no positive normal numbers: in integers, one comparison.
template <class D, class V>
HWY_INLINE auto not_positive_normal(D, V x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  using I = hn::TFromD<decltype(di)>;
  // From the least normal number up to infinity, the bits less `origin` are the least integers.
  constexpr I least = std::numeric_limits<I>::min();
  const I origin = std::bit_cast<I>(std::numeric_limits<T>::min()) + least;
  const I infinity = std::bit_cast<I>(std::numeric_limits<T>::infinity());
  const auto bits = hn::Sub(hn::BitCast(di, x), hn::Set(di, origin));
  const I last = infinity - 1 - std::bit_cast<I>(std::numeric_limits<T>::min()) + least;
  return hn::Gt(bits, hn::Set(di, last));
}

// The logarithm where some x are denormal, zero, negative, infinite or NaN: the others as below.
template <class D, class V>
HWY_NOINLINE V log_of_any(D d, V x) {
  using T = hn::TFromD<D>;
  const Decomposed<D, V> u = decompose_positive(d, x);
  return log_special(d, x, T{0}, log_parts(d, hn::Sub(u.m, hn::Set(d, T{1})), u.k));
}

// The natural logarithm: denormals included; 0 gives -inf, x < 0 NaN.
template <class D, class V>
HWY_INLINE V log(D d, V x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  if (HWY_UNLIKELY(!hn::AllFalse(di, not_positive_normal(d, x)))) return log_of_any(d, x);
  const Decomposed<D, V> u = decompose(d, x);
  return log_parts(d, hn::Sub(u.m, hn::Set(d, T{1})), u.k);
}

// log(1 + x), exact for tiny x; -1 gives -inf, x < -1 NaN.
template <class D, class V>
HWY_INLINE V log1p(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T{1});
  const V u = hn::Add(x, one);
  // u - x is exact for x >= 1, u - 1 for the others: what the rounding of 1 + x lost is exact.
  const auto large = hn::Ge(x, one);
  const V low = hn::Sub(hn::IfThenElse(large, one, x), hn::Sub(u, hn::IfThenElse(large, x, one)));
  const V y = log_special(d, x, T{-1}, log_sum(d, decompose(d, u), low));
  const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<T>::epsilon() / 4));
  return hn::IfThenElse(tiny, x, y);
}

// log(x / (1 - x)), accurate near 1/2 too, where it passes 0; 0 gives -inf, 1 inf, x outside NaN.
template <class D, class V>
HWY_INLINE V logit(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T{1});
  // The quotient of x and 1 - x, rounded, and what both roundings lost.
  const V b = hn::Sub(one, x);
  const V b_low = hn::Sub(hn::Sub(one, b), x);
  const V inverse = hn::Div(one, b);
  const V u = hn::Mul(x, inverse);
  const V low = hn::Mul(hn::NegMulAdd(u, b_low, exact_neg_mul_add(d, u, b, x)), inverse);
  return log_special(d, u, T{0}, log_sum(d, decompose_positive(d, u), low));
}

// log(1 + z) = z - z^2 p(z) for 0 <= z <= 1 in f32, relative error 2^-25.
inline constexpr float log1p_unit_p[] = {0.49999997f,   -0.33332857f,   0.24986891f,
                                         -0.198571146f, 0.158594742f,   -0.115872473f,
                                         0.0670569688f, -0.0254073925f, 0.00451182621f};

// log(1 + z) for 0 <= z <= 1.
template <class D, class V>
HWY_INLINE V log1p_unit(D d, V z) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 4) {
    return hn::NegMulAdd(hn::Mul(z, z), polynomial(d, z, log1p_unit_p), z);
  } else {
    const V one = hn::Set(d, T{1});
    const auto large = hn::Gt(z, hn::Set(d, 0.41421356));
    const V f = hn::IfThenElse(large, hn::Mul(hn::Sub(z, one), hn::Set(d, T{0.5})), z);
    return log_parts(d, f, hn::IfThenElseZero(large, one));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_LOG_INL_H_

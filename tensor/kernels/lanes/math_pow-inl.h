// x^y on vectors of f32 and f64.

#if defined(HOURGLASS_MATH_POW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_POW_INL_H_
#undef HOURGLASS_MATH_POW_INL_H_
#else
#define HOURGLASS_MATH_POW_INL_H_
#endif

#include "tensor/kernels/lanes/math_exp-inl.h"
#include "tensor/kernels/lanes/math_log-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// log((1 + s) / (1 - s)) = 2 s + s^3 (2/3 + s^2 p(s^2)) for |s| <= 0.1716, relative errors 2^-43
// (f32) and 2^-66 (f64).
template <class T>
struct PowConstants;
template <>
struct PowConstants<float> {
  static constexpr float p[] = {0.39999998f, 0.28571957f, 0.22181062f, 0.19527774f};
  static constexpr float two_thirds = 0x1.555556p-1f, two_thirds_low = -0x1.555556p-26f;
};
template <>
struct PowConstants<double> {
  static constexpr double p[] = {0.4000000000000225,  0.28571428570102214, 0.22222222519462234,
                                 0.18181784406449084, 0.15386755565822138, 0.13256857788640686,
                                 0.13195966739309772};
  static constexpr double two_thirds = 0x1.5555555555555p-1, two_thirds_low = 0x1.5555555555555p-55;
};

// log x to some 10 bits more than a number holds, for finite x > 0: what e^(y log x) needs, whose
// error is that of the logarithm times y log x.
template <class D, class V>
HWY_INLINE Pair<V> log_pair(D d, V x) {
  using T = hn::TFromD<D>;
  using C = PowConstants<T>;
  using L = LogConstants<T>;
  const V one = hn::Set(d, T{1}), two = hn::Set(d, T{2});
  const Decomposed<D, V> u = decompose_positive(d, x);
  const V f = hn::Sub(u.m, one);
  // s = f / (2 + f): the quotient and what division lost.
  const Pair<V> b = fast_two_sum(two, f);
  const V inverse = hn::Div(one, b.high);
  Pair<V> s;
  s.high = hn::Mul(f, inverse);
  s.low = hn::NegMulAdd(s.high, b.low, exact_neg_mul_add(d, s.high, b.high, f));
  s.low = hn::Mul(s.low, inverse);

  const Pair<V> s2 = multiply_pairs(d, s, s);
  const V higher = hn::Mul(s2.high, polynomial(d, s2.high, C::p));
  Pair<V> factor = fast_two_sum(hn::Set(d, C::two_thirds), higher);
  factor.low = hn::Add(factor.low, hn::Set(d, C::two_thirds_low));
  const Pair<V> cubic = multiply_pairs(d, s, multiply_pairs(d, s2, factor));

  Pair<V> log_m = fast_two_sum(hn::Add(s.high, s.high), cubic.high);
  log_m.low = hn::Add(log_m.low, hn::MulAdd(two, s.low, cubic.low));
  const Pair<V> sum = fast_two_sum(hn::Mul(u.k, hn::Set(d, L::ln2_high)), log_m.high);
  const V low = hn::MulAdd(u.k, hn::Set(d, L::ln2_low), log_m.low);
  return fast_two_sum(sum.high, hn::Add(sum.low, low));
}

// |x|^y for finite x != 0 and any y but NaN.
template <class D, class V>
HWY_INLINE V pow_positive(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const Pair<V> log = log_pair(d, x);
  const V high = hn::Mul(y, log.high);
  V low = hn::MulAdd(y, log.low, product_error(d, y, log.high, high));
  // Where the result overflows or underflows the low part may be inf - inf.
  const auto in_range = hn::Lt(hn::Abs(high), hn::Set(d, -2 * ExpConstants<T>::lowest));
  low = hn::IfThenElseZero(in_range, low);
  const auto e = reduce_exponent(d, bounded_exponent(d, high), low, 2 * exponent_bias<T>);
  return times_power_of_two(d, exp_fraction(d, e), e);
}

// As std::pow in every special case: x < 0 needs an integer y; pow(x, 0) and pow(1, y) are 1 even
// for NaN.
template <class D, class V>
HWY_INLINE V pow(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T{1});
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  const V size = hn::Abs(x);
  const V half_y = hn::Mul(y, hn::Set(d, T{0.5}));
  const auto integer = hn::Eq(hn::Trunc(y), y);
  const auto odd = hn::And(integer, hn::Ne(hn::Trunc(half_y), half_y));

  V z = pow_positive(d, size, y);
  z = hn::IfThenElse(hn::Eq(size, one), one, z);
  const auto infinite = hn::Eq(size, infinity);
  const auto extreme = hn::Or(infinite, hn::Eq(size, zero));
  const V at_extreme = hn::IfThenElseZero(hn::Xor(infinite, hn::Lt(y, zero)), infinity);
  z = hn::IfThenElse(extreme, at_extreme, z);
  const auto no_power = hn::AndNot(hn::Or(integer, extreme), hn::Lt(x, zero));
  z = hn::IfThenElse(no_power, hn::Set(d, std::numeric_limits<T>::quiet_NaN()), z);
  z = hn::IfThenElse(odd, hn::CopySign(z, x), z);
  z = hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::IsNaN(y)), hn::Add(x, y), z);
  return hn::IfThenElse(hn::Or(hn::Eq(y, zero), hn::Eq(x, one)), one, z);
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_POW_INL_H_

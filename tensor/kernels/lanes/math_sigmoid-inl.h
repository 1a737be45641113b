// tanh and the logistic function on vectors of f32 and f64.

#if defined(HOURGLASS_MATH_SIGMOID_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_SIGMOID_INL_H_
#undef HOURGLASS_MATH_SIGMOID_INL_H_
#else
#define HOURGLASS_MATH_SIGMOID_INL_H_
#endif

#include "tensor/kernels/lanes/math_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// f32: tanh(x / 2) = x p(x^2) / q(x^2) for |x| <= 9.06, relative error 2^-27 cosh x, which is what
// tanh x is made of needs. f64: (tanh x - x) / x^3 = p(x^2) / q(x^2) for |x| <= 0.56, error 2^-57.
// All terms have one sign: nothing cancels.
template <class T>
struct TanhConstants;
template <>
struct TanhConstants<float> {
  static constexpr float p[] = {0.5f, 0.0148848742f, 5.70833217e-05f};
  static constexpr float q[] = {1.0f, 0.113103129f, 0.0012061086f, 1.22738697e-06f};
  static constexpr float highest = 9.0625f;
};
template <>
struct TanhConstants<double> {
  static constexpr double p[] = {-0.33333333333333333, -0.020501648435467570,
                                 -0.00019930429060973942};
  static constexpr double q[] = {1.0, 0.46150494530640162, 0.023295129089669706,
                                 0.00020666895604091859};
  static constexpr double small = 0.55, highest = 20;  // tanh is 1 above
};

// tanh x = t / (t + 2) with t = expm1(2 |x|): slower, for targets without FMA, where each step of
// the polynomials would round twice.
template <class D, class V>
HWY_INLINE V tanh_by_expm1(D d, V x) {
  const V twice = at_most(d, hn::Abs(hn::Add(x, x)), 20.0f);
  const auto e = reduce_exponent(d, twice, exponent_bias<float>);
  const V scale = power_of_two(d, e.biased);
  const V t = hn::MulAdd(scale, expm1_fraction(d, e), hn::Sub(scale, hn::Set(d, 1.0f)));
  return hn::CopySignToAbs(hn::Div(t, hn::Add(t, hn::Set(d, 2.0f))), x);
}

// tanh x = 2 t / (1 + t^2) with t = tanh(x / 2) = a / q: where tanh x is near 1 it hardly feels the
// errors of t. No f32 gives a quotient above 1 (all were tried), and `highest` is one that gives 1.
template <class D, class V>
HWY_INLINE V tanh_f32(D d, V x) {
  using C = TanhConstants<float>;
  const V size = at_most(d, hn::Abs(x), C::highest);
  const V square = hn::Mul(size, size);
  const V a = hn::Mul(size, polynomial(d, square, C::p));
  const V q = polynomial(d, square, C::q);
  const V y = hn::Div(hn::Mul(hn::Add(a, a), q), hn::MulAdd(q, q, hn::Mul(a, a)));
  return hn::CopySignToAbs(y, x);
}

// x + x^3 p(x^2) / q(x^2) near 0, 1 - 2 / (e^2|x| + 1) elsewhere, with one division for both.
template <class D, class V>
HWY_INLINE V tanh_f64(D d, V x) {
  using C = TanhConstants<double>;
  const V one = hn::Set(d, 1.0);
  const V size = at_most(d, hn::Abs(x), C::highest);
  const auto e = reduce_exponent(d, hn::Add(size, size), exponent_bias<double>);
  const V scale = power_of_two(d, e.biased);
  const V large = hn::MulAdd(scale, expm1_fraction(d, e), hn::Add(scale, one));

  const V square = hn::Mul(size, size);
  const V cubic = hn::Mul(hn::Mul(size, square), polynomial(d, square, C::p));
  const auto small = hn::Lt(size, hn::Set(d, C::small));
  const V numerator = hn::IfThenElse(small, cubic, hn::Set(d, -2.0));
  const V denominator = hn::IfThenElse(small, polynomial(d, square, C::q), large);
  const V y = hn::Add(hn::IfThenElse(small, size, one), hn::Div(numerator, denominator));
  return hn::CopySignToAbs(y, x);
}

// Within [-1, 1]; exact for tiny x.
template <class D, class V>
HWY_INLINE V tanh(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    return HWY_NATIVE_FMA ? tanh_f32(d, x) : tanh_by_expm1(d, x);
  } else {
    return tanh_f64(d, x);
  }
}

// x / (1 + e^-x) and 1 / (1 + e^-x), denormal results included, come from one form for all x: c +
// c e^-x with a power of two c so small that nothing overflows above `lowest`, where the results
// are 0. Above `highest` e^-x is lost beside 1.
template <class T>
struct LogisticConstants;
template <>
struct LogisticConstants<float> {
  static constexpr int exponent = -40;
  static constexpr float c = 0x1p-40f, lowest = -112, highest = 50;
};
template <>
struct LogisticConstants<double> {
  static constexpr int exponent = -100;
  static constexpr double c = 0x1p-100, lowest = -760, highest = 50;
};

template <class D, class V>
HWY_INLINE V bounded_logistic(D d, V x) {
  using C = LogisticConstants<hn::TFromD<D>>;
  return at_most(d, at_least(d, x, C::lowest), C::highest);
}

// c + c e^x for a bounded exponent, reduced with the bias exponent_bias + exponent.
template <class D, class V>
HWY_INLINE V logistic_denominator(D d, const ReducedExponent<D, V>& e) {
  using T = hn::TFromD<D>;
  const V c = hn::Set(d, LogisticConstants<T>::c);
  const V scale = power_of_two(d, e.biased);
  if constexpr (sizeof(T) == 4) return hn::MulAdd(scale, exp_fraction(d, e), c);
  // The product is exact, and so is what the sum of both powers of two lost.
  const V sum = hn::Add(scale, c);
  const V lost = hn::Sub(c, hn::Sub(sum, scale));
  return hn::Add(sum, hn::MulAdd(scale, expm1_fraction(d, e), lost));
}

// 1 / (1 + e^-x)
template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  using T = hn::TFromD<D>;
  using C = LogisticConstants<T>;
  const V v = hn::Neg(bounded_logistic(d, x));
  const auto e = reduce_exponent(d, v, exponent_bias<T> + C::exponent);
  return hn::Div(hn::Set(d, C::c), logistic_denominator(d, e));
}

// x / (1 + e^-v) for an x of the sign of v; x must be bounded from below so that the result is 0
// where v is below the lowest. The result is rounded once more where it is denormal.
template <class D, class V>
HWY_INLINE V times_sigmoid(D d, V x, V v, const ReducedExponent<D, V>& e) {
  using C = LogisticConstants<hn::TFromD<D>>;
  const V quotient = hn::Div(x, logistic_denominator(d, e));
  const auto large = hn::Gt(v, hn::Set(d, C::highest));
  return hn::IfThenElse(large, x, hn::Mul(quotient, hn::Set(d, C::c)));
}

// x sigmoid(x)
template <class D, class V>
HWY_INLINE V silu(D d, V x) {
  using T = hn::TFromD<D>;
  using C = LogisticConstants<T>;
  const V v = hn::Neg(bounded_logistic(d, x));
  const auto e = reduce_exponent(d, v, exponent_bias<T> + C::exponent);
  return times_sigmoid(d, at_least(d, x, C::lowest), x, e);
}

// x sigmoid(v + low)
template <class D, class V>
HWY_INLINE V times_sigmoid_of_pair(D d, V x, Pair<V> v) {
  using T = hn::TFromD<D>;
  const V bounded = hn::Neg(bounded_logistic(d, v.high));
  const auto e = reduce_exponent(d, bounded, hn::Neg(v.low),
                                 exponent_bias<T> + LogisticConstants<T>::exponent);
  return times_sigmoid(d, x, v.high, e);
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_SIGMOID_INL_H_

// The logarithm of the gamma function and its derivatives, on vectors of f64; those of f32 go
// through f64.

#if defined(HOURGLASS_MATH_GAMMA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_GAMMA_INL_H_
#undef HOURGLASS_MATH_GAMMA_INL_H_
#else
#define HOURGLASS_MATH_GAMMA_INL_H_
#endif

#include <cstddef>
#include <iterator>
#include <limits>

#include "tensor/kernels/lanes/math_base-inl.h"
#include "tensor/kernels/lanes/math_log-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// lgamma(2 + t) / t for |t| <= 1/2 and psi(x0 + d) / d for x0 + d in [1, 2], of the digamma function
// psi and its zero x0: relative errors 2^-60 and 2^-57.
inline constexpr double lgamma_near_two[] = {
    0.42278433509846713,     0.32246703342411326,   -0.0673523010531981,    0.02058080842778038,
    -0.0073855510286719986,  0.002890510331034267,  -0.0011927539118428156, 0.0005096695154115457,
    -0.00022315475400520578, 9.945767355819627e-05, -4.492631337914719e-05, 2.0505590755822927e-05,
    -9.438715099272862e-06,  4.384704404646999e-06, -2.043904810446203e-06, 9.200527893781013e-07,
    -4.325239350340684e-07,  2.787408053301765e-07, -1.3219945612053895e-07};
inline constexpr double digamma_near_zero[] = {
    0.9676722454476212,    -0.4427631689835921,     0.2584997609556486,     -0.16394270544241185,
    0.1078240506916922,    -0.07219956125611147,    0.048804288134436574,   -0.03316112647814546,
    0.02259764928437279,   -0.015424766261277919,   0.010538769938576956,   -0.007204519666511046,
    0.004927058026774205,  -0.003370068051548403,   0.0023028895420557664,  -0.0015742021681367298,
    0.0010901225234459875, -0.000754922961859338,   0.00047179397016867405, -0.0002843132292531996,
    0.0002805343686756057, -0.00027850748768786887, 0.00011881232908430297};
inline constexpr double digamma_zero = 0x1.762d86356be3fp+0,
                        digamma_zero_rest = 0x1.b86a722197829p-54;
inline constexpr double digamma_zero_less_one = 0x1.d8b618d5af8fep-2,
                        digamma_zero_less_one_rest = -0x1.1e563779a1f5bp-56;

// B(2k) / (2k (2k - 1)) and B(2k) / (2k) of Stirling's series, from k = 1 on, which are enough from
// 8 on, and B(2k) / (2k)! of Euler and Maclaurin's. B: Bernoulli's numbers.
inline constexpr double stirling_lgamma[] = {
    0.08333333333333333,    -0.002777777777777778, 0.0007936507936507937,
    -0.0005952380952380953, 0.0008417508417508417, -0.0019175269175269176,
    0.00641025641025641,    -0.029550653594771242, 0.17964437236883057};
inline constexpr double stirling_digamma[] = {
    0.08333333333333333,  -0.008333333333333333, 0.003968253968253968, -0.004166666666666667,
    0.007575757575757576, -0.021092796092796094, 0.08333333333333333,  -0.4432598039215686,
    3.0539543302701198,   -26.456212121212122};
inline constexpr double euler_maclaurin[] = {
    0.08333333333333333,   -0.001388888888888889,  3.306878306878307e-05,  -8.267195767195768e-07,
    2.08767569878681e-08,  -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
    8.586062056277845e-15, -2.174868698558062e-16};

// sin(pi r) / (pi r) and cos(pi r) for |r| <= 1/2 in r^2: errors 2^-61 and 2^-57.
inline constexpr double sine_of_pi[] = {1.0,
                                        -1.6449340668482264,
                                        0.8117424252833393,
                                        -0.19075182412149616,
                                        0.02614784780555096,
                                        -0.0023460808954639607,
                                        0.0001484278414189103,
                                        -6.972099660851199e-06,
                                        2.4502943624559793e-07};
inline constexpr double cosine_of_pi[] = {1.0,
                                          -4.934802200544676,
                                          4.058712126416497,
                                          -1.335262768843447,
                                          0.23533063012953284,
                                          -0.025806888737002202,
                                          0.0019295562724817132,
                                          -0.00010456655338748738,
                                          4.149564353942586e-06};
inline constexpr double gamma_pi = 0x1.921fb54442d18p1;

// What lies on the other side of 1/2, for x < 0: 1 - x, and how far x is from a whole number (NaN
// for -inf).
template <class D, class V>
struct Reflected {
  decltype(hn::Lt(V(), V())) negative;
  V x, r, sine, cosine;  // sin(pi r) / (pi r), cos(pi r)
};

template <class D, class V>
HWY_INLINE Reflected<D, V> reflect(D d, V x) {
  Reflected<D, V> s;
  s.negative = hn::Lt(x, hn::Zero(d));
  s.x = hn::IfThenElse(s.negative, hn::Sub(hn::Set(d, 1.0), x), x);
  s.r = hn::Sub(x, hn::Round(x));
  const V square = hn::Mul(s.r, s.r);
  s.sine = polynomial(d, square, sine_of_pi);
  s.cosine = polynomial(d, square, cosine_of_pi);
  return s;
}

template <class D, class V>
HWY_INLINE V reciprocal_square(D d, V x, V& inverse) {
  inverse = hn::Div(hn::Set(d, 1.0), x);
  return hn::Mul(inverse, inverse);
}

// log(Gamma(x)) for x >= 0. Below 8.5 from Gamma(2 + t), |t| <= 1/2, by the recurrence, which near
// its zeros 1 and 2 has nothing that cancels; above by Stirling's series.
template <class D, class V>
HWY_INLINE V lgamma_positive(D d, V x) {
  const V one = hn::Set(d, 1.0), two = hn::Set(d, 2.0);
  const auto large = hn::Ge(x, hn::Set(d, 8.5));
  V t = hn::Sub(x, two);
  V product = one;
  for (int k = 1; k < 7; ++k) {
    const auto above = hn::Ge(x, hn::Set(d, k + 1.5));
    const V factor = hn::Sub(x, hn::Set(d, static_cast<double>(k)));
    product = hn::IfThenElse(above, hn::Mul(product, factor), product);
    t = hn::IfThenElse(above, hn::Sub(factor, two), t);
  }
  const auto below_two = hn::Lt(x, hn::Set(d, 1.5)), below_one = hn::Lt(x, hn::Set(d, 0.5));
  t = hn::IfThenElse(below_one, x, hn::IfThenElse(below_two, hn::Sub(x, one), t));
  const V quotient = hn::IfThenElse(below_one, hn::Mul(x, hn::Add(x, one)), x);
  product = hn::IfThenElse(below_two, quotient, product);

  const V logarithm = log(d, hn::IfThenElse(large, x, product));
  const V signed_log = hn::IfThenElse(below_two, hn::Neg(logarithm), logarithm);
  const V small = hn::MulAdd(t, polynomial(d, t, lgamma_near_two), signed_log);
  V inverse;
  const V square = reciprocal_square(d, x, inverse);
  const V rest = hn::MulAdd(inverse, polynomial(d, square, stirling_lgamma),
                            hn::Set(d, 0.4189385332046727));  // (log(2 pi) - 1) / 2
  const V stirling = hn::MulAdd(hn::Sub(x, hn::Set(d, 0.5)), hn::Sub(logarithm, one), rest);
  return hn::IfThenElse(large, stirling, small);
}

// log|Gamma(x)|: inf at 0, -1, -2, ... and at both ends. For x < 0 by the reflection
// log(pi / |sin(pi x)|) - log(Gamma(1 - x)).
template <class D, class V>
HWY_NOINLINE V lgamma_f64(D d, V x) {
  if (HWY_LIKELY(hn::AllFalse(d, hn::Lt(x, hn::Zero(d))))) return lgamma_positive(d, x);
  const Reflected<D, V> s = reflect(d, x);
  const V positive = lgamma_positive(d, s.x);
  const V reflected = hn::Sub(hn::Neg(log(d, hn::Mul(hn::Abs(s.r), s.sine))), positive);
  const auto finite = hn::Gt(hn::Abs(s.r), hn::Zero(d));
  const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  return hn::IfThenElse(s.negative, hn::IfThenElse(finite, reflected, infinity), positive);
}

// psi(x) for x >= 0. Below 8 from [1, 2], where x0 is taken out as a factor, by the recurrence, its
// sum of reciprocals as one quotient; above by Stirling's series.
template <class D, class V>
HWY_INLINE V digamma_positive(D d, V x) {
  const V one = hn::Set(d, 1.0);
  V moved = x, top = hn::Zero(d), bottom = one;
  for (int k = 1; k < 7; ++k) {
    const V factor = hn::Sub(x, hn::Set(d, static_cast<double>(k)));
    const auto above = hn::Ge(factor, one);
    top = hn::IfThenElse(above, hn::MulAdd(top, factor, bottom), top);
    bottom = hn::IfThenElse(above, hn::Mul(bottom, factor), bottom);
    moved = hn::IfThenElse(above, factor, moved);
  }
  const auto below = hn::Lt(x, one);
  top = hn::IfThenElse(below, hn::Neg(one), top);
  bottom = hn::IfThenElse(below, x, bottom);
  const V zero = hn::IfThenElse(below, hn::Set(d, digamma_zero_less_one), hn::Set(d, digamma_zero));
  const V rest =
      hn::IfThenElse(below, hn::Set(d, digamma_zero_less_one_rest), hn::Set(d, digamma_zero_rest));
  const V from_zero = hn::Sub(hn::Sub(moved, zero), rest);
  const V small =
      hn::MulAdd(from_zero, polynomial(d, from_zero, digamma_near_zero), hn::Div(top, bottom));
  V inverse;
  const V square = reciprocal_square(d, x, inverse);
  const V series = hn::MulAdd(square, polynomial(d, square, stirling_digamma),
                              hn::Mul(hn::Set(d, 0.5), inverse));
  return hn::IfThenElse(hn::Ge(x, hn::Set(d, 8.0)), hn::Sub(log(d, x), series), small);
}

// The derivative of log|Gamma(x)|: -inf at 0, inf at -0, NaN at -1, -2, ... and -inf. For x < 0 by
// the reflection psi(1 - x) - pi / tan(pi x).
template <class D, class V>
HWY_NOINLINE V digamma_f64(D d, V x) {
  if (HWY_LIKELY(hn::AllFalse(d, hn::Lt(x, hn::Zero(d))))) return digamma_positive(d, x);
  const Reflected<D, V> s = reflect(d, x);
  const V positive = digamma_positive(d, s.x);
  const V reflected = hn::Sub(positive, hn::Div(s.cosine, hn::Mul(s.r, s.sine)));
  const V nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  const auto whole = hn::Eq(s.r, hn::Zero(d));
  return hn::IfThenElse(s.negative, hn::IfThenElse(whole, nan, reflected), positive);
}

// n! / x^n, whose partial products leave the range only where it does.
template <class D, class V>
HWY_INLINE V factorial_over_power(D d, int n, V inverse) {
  V product = hn::Set(d, 1.0);
  for (int k = 1; k <= n; ++k) {
    product = hn::Mul(product, hn::Mul(hn::Set(d, static_cast<double>(k)), inverse));
  }
  return product;
}

// The n-th derivative of psi, n >= 1, less its sign, for x >= 0: n! times the sum of
// 1 / (x + k)^(n + 1), term by term until x + k is n + 10, the rest by Euler and Maclaurin's formula.
template <class D, class V>
HWY_INLINE V polygamma_positive(D d, int n, V x) {
  const V one = hn::Set(d, 1.0), enough = hn::Set(d, n + 10.0);
  V sum = hn::Zero(d), y = x;
  for (int k = 1; k <= n + 10; ++k) {
    const auto before = hn::Lt(y, enough);
    if (hn::AllFalse(d, before)) break;
    const V inverse = hn::Div(one, y);
    const V term = hn::Mul(factorial_over_power(d, n, inverse), inverse);
    sum = hn::IfThenElse(before, hn::Add(sum, term), sum);
    y = hn::IfThenElse(before, hn::Add(x, hn::Set(d, static_cast<double>(k))), y);
  }
  constexpr std::size_t terms = std::size(euler_maclaurin);
  double c[terms];
  double rising = n + 1.0;  // (n + 1) (n + 2) ... (n + 2k - 1)
  for (std::size_t k = 0; k < terms; ++k) {
    c[k] = euler_maclaurin[k] * rising;
    rising *= (n + 2.0 * static_cast<double>(k) + 2) * (n + 2.0 * static_cast<double>(k) + 3);
  }
  V inverse;
  const V square = reciprocal_square(d, y, inverse);
  const V series = hn::MulAdd(square, polynomial(d, square, c),
                              hn::MulAdd(hn::Set(d, 0.5), inverse, hn::Set(d, 1.0 / n)));
  return hn::MulAdd(factorial_over_power(d, n, inverse), series, sum);
}

inline constexpr int most_polygamma = 100;

// The n-th derivative of cot is (-1)^n times a polynomial of non-negative coefficients in it, all of
// one parity: its value for cot = c.
template <class D, class V>
HWY_INLINE V cotangent_derivative(D d, int n, V c) {
  double p[most_polygamma + 2] = {0, 1};
  for (int order = 1; order <= n; ++order) {  // p becomes (1 + c^2) p'
    for (int k = 0; k <= order; ++k) p[k] = (k + 1.0) * p[k + 1];
    for (int k = order + 1; k >= 2; --k) p[k] += p[k - 2];
  }
  const V square = hn::Mul(c, c);
  V y = hn::Set(d, p[n + 1]);
  for (int k = n - 1; k >= 0; k -= 2) y = hn::MulAdd(y, square, hn::Set(d, p[k]));
  return n % 2 == 0 ? hn::Mul(y, c) : y;
}

// The n-th derivative of psi for 1 <= n <= most_polygamma: inf at 0, -1, ... for odd n; -inf at 0,
// inf at -0 and NaN at -1, -2, ... for even. For x < 0 by the reflection
// (-1)^n psi_n(1 - x) - pi (d/dx)^n cot(pi x).
template <class D, class V>
HWY_NOINLINE V polygamma_f64(D d, V x, int n) {
  const bool odd = n % 2 != 0;
  if (HWY_LIKELY(hn::AllFalse(d, hn::Lt(x, hn::Zero(d))))) {
    const V size = polygamma_positive(d, n, x);
    return odd ? size : hn::Neg(size);
  }
  using Limits = std::numeric_limits<double>;
  const Reflected<D, V> s = reflect(d, x);
  const V size = polygamma_positive(d, n, s.x);
  const V pi = hn::Set(d, gamma_pi);
  V scaled = cotangent_derivative(d, n, hn::Div(s.cosine, hn::Mul(hn::Mul(pi, s.r), s.sine)));
  for (int k = 0; k <= n; ++k) scaled = hn::Mul(scaled, pi);
  const V reflected = hn::Sub(odd ? scaled : hn::Neg(scaled), size);
  const V pole = hn::Set(d, odd ? Limits::infinity() : Limits::quiet_NaN());
  const auto whole = hn::Eq(s.r, hn::Zero(d));
  return hn::IfThenElse(s.negative, hn::IfThenElse(whole, pole, reflected),
                        odd ? size : hn::Neg(size));
}

// f of a vector of f64, on one of f32 or f64.
template <class D, class V, class F>
HWY_INLINE V through_f64(D d, V x, F f) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return f(d, x);
  } else if constexpr (hn::MaxLanes(D()) == 1) {
    // Not by DemoteTo, which makes the largest number of what is beyond it.
    const hn::Rebind<double, D> wide;
    return hn::Set(d, static_cast<float>(hn::GetLane(f(wide, hn::PromoteTo(wide, x)))));
#if HWY_TARGET != HWY_SCALAR
  } else {
    const hn::Half<D> half;
    const hn::Rebind<double, hn::Half<D>> wide;
    const auto lower = hn::DemoteTo(half, f(wide, hn::PromoteTo(wide, hn::LowerHalf(half, x))));
    const auto upper = hn::DemoteTo(half, f(wide, hn::PromoteTo(wide, hn::UpperHalf(half, x))));
    return hn::Combine(d, upper, lower);
#endif
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_GAMMA_INL_H_

// What the vector functions of math_*-inl.h share. These headers are compiled once a SIMD target,
// and the names in them are ours (snake_case); a CamelCase call is Highway's.

#if defined(HOURGLASS_MATH_BASE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_BASE_INL_H_
#undef HOURGLASS_MATH_BASE_INL_H_
#else
#define HOURGLASS_MATH_BASE_INL_H_
#endif

#include <cstddef>
#include <limits>
#include <utility>

#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Adding round_to_integer<T> to |x| < 2^22 (f64 2^51) rounds x to the nearest integer, ties to
// even, and leaves that integer in the low bits of the sum.
template <class T>
inline constexpr T round_to_integer = T{};
template <>
inline constexpr float round_to_integer<float> = 0x1.8p23f;
template <>
inline constexpr double round_to_integer<double> = 0x1.8p52;

template <class T>
inline constexpr int exponent_bias = std::numeric_limits<T>::max_exponent - 1;

template <class D>
using Bits = hn::RebindToUnsigned<D>;

template <class D, class V, class T, std::size_t n, std::size_t... i>
HWY_INLINE V horner(D d, V x, const T (&c)[n], std::index_sequence<i...>) {
  V y = hn::Set(d, c[n - 1]);
  ((y = hn::MulAdd(y, x, hn::Set(d, c[n - 2 - i]))), ...);
  return y;
}

// c[first] + c[first + 1] x + c[first + 2] x^2 + ... by Horner's rule; the loop over vectors hides
// its latency.
template <std::size_t first = 0, class D, class V, class T, std::size_t n>
HWY_INLINE V polynomial(D d, V x, const T (&c)[n]) {
  return horner(d, x, c, std::make_index_sequence<n - 1 - first>());
}

// max(x, low) and min(x, high) that keep a NaN in x: x86 returns the second operand of an unordered
// pair.
template <class D, class V>
HWY_INLINE V at_least(D d, V x, hn::TFromD<D> low) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  return hn::Max(hn::Set(d, low), x);
#else
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, low)), hn::Set(d, low), x);
#endif
}
template <class D, class V>
HWY_INLINE V at_most(D d, V x, hn::TFromD<D> high) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  return hn::Min(hn::Set(d, high), x);
#else
  return hn::IfThenElse(hn::Gt(x, hn::Set(d, high)), hn::Set(d, high), x);
#endif
}

// The upper half of the significand: a product of two of these is exact (f64: to one bit of 54).
template <class D, class V>
HWY_INLINE V upper_half(D d, V x) {
  const Bits<D> du;
  constexpr int cut = (std::numeric_limits<hn::TFromD<D>>::digits + 1) / 2;
  const auto mask = hn::Set(du, ~((hn::TFromD<Bits<D>>{1} << cut) - 1));
  return hn::BitCast(d, hn::And(hn::BitCast(du, x), mask));
}

// a b - p for p = a b rounded: what the rounding lost (Dekker's splitting where there is no FMA).
template <class D, class V>
HWY_INLINE V product_error(D d, V a, V b, V p) {
#if HWY_NATIVE_FMA
  (void)d;
  return hn::MulSub(a, b, p);
#else
  const V a1 = upper_half(d, a), a2 = hn::Sub(a, a1);
  const V b1 = upper_half(d, b), b2 = hn::Sub(b, b1);
  const V high = hn::Sub(hn::Mul(a1, b1), p);
  return hn::Add(hn::Add(hn::Add(high, hn::Mul(a1, b2)), hn::Mul(a2, b1)), hn::Mul(a2, b2));
#endif
}

// A number in two parts: high is the sum rounded.
template <class V>
struct Pair {
  V high, low;
};

// a + b exactly, for |a| >= |b| or a = 0.
template <class V>
HWY_INLINE Pair<V> fast_two_sum(V a, V b) {
  const V sum = hn::Add(a, b);
  return {sum, hn::Sub(b, hn::Sub(sum, a))};
}

// a + b exactly.
template <class V>
HWY_INLINE Pair<V> two_sum(V a, V b) {
  const V sum = hn::Add(a, b);
  const V other = hn::Sub(sum, a);
  return {sum, hn::Add(hn::Sub(a, hn::Sub(sum, other)), hn::Sub(b, other))};
}

// a b to twice the precision, but for the product of the two low parts.
template <class D, class V>
HWY_INLINE Pair<V> multiply_pairs(D d, Pair<V> a, Pair<V> b) {
  const V high = hn::Mul(a.high, b.high);
  const V cross = hn::MulAdd(a.high, b.low, hn::Mul(a.low, b.high));
  return {high, hn::Add(product_error(d, a.high, b.high, high), cross)};
}

// c - a b with the product unrounded, on targets without FMA too.
template <class D, class V>
HWY_INLINE V exact_neg_mul_add(D d, V a, V b, V c) {
#if HWY_NATIVE_FMA
  (void)d;
  return hn::NegMulAdd(a, b, c);
#else
  const V p = hn::Mul(a, b);
  return hn::Sub(hn::Sub(c, p), product_error(d, a, b, p));
#endif
}

// 2^k from the integer k + exponent_bias in the low bits; what stands above them is shifted out.
template <class D>
HWY_INLINE hn::Vec<D> power_of_two(D d, hn::Vec<Bits<D>> biased) {
  return hn::BitCast(d, hn::ShiftLeft<std::numeric_limits<hn::TFromD<D>>::digits - 1>(biased));
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_BASE_INL_H_

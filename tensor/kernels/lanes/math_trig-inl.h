// sin and cos on vectors of f32 and f64.

#if defined(HOURGLASS_MATH_TRIG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_MATH_TRIG_INL_H_
#undef HOURGLASS_MATH_TRIG_INL_H_
#else
#define HOURGLASS_MATH_TRIG_INL_H_
#endif

#include "tensor/kernels/lanes/math_base-inl.h"
#include "tensor/kernels/lanes/trig_reduction.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// On |r| <= pi / 4: sin r = r + r^3 s(r^2), cos r = 1 - r^2/2 + r^4 c(r^2); relative errors 2^-28
// and 2^-33 (f32), 2^-58 and 2^-64 (f64). pi / 2 in three parts, each a full significand.
template <class T>
struct TrigConstants;
template <>
struct TrigConstants<float> {
  static constexpr float s[] = {-0.16666655f, 0.008332189f, -0.00019518285f};
  static constexpr float c[] = {0.041666646f, -0.0013887311f, 2.4432564e-05f};
  static constexpr float two_over_pi = 0x1.45f306p-1f;
  static constexpr float half_pi[] = {0x1.921fb6p0f, -0x1.777a5cp-25f, -0x1.ee59dap-50f};
};
template <>
struct TrigConstants<double> {
  static constexpr double s[] = {-0.1666666666666663,     0.008333333333321919,
                                 -0.0001984126982945851,  2.755731358226442e-06,
                                 -2.5050742320642017e-08, 1.589594363745134e-10};
  static constexpr double c[] = {0.041666666666666595,  -0.0013888888888873344,
                                 2.480158728900347e-05, -2.7557314217299276e-07,
                                 2.087570540410226e-09, -1.1358748095206087e-11};
  static constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
  static constexpr double half_pi[] = {0x1.921fb54442d18p0, 0x1.1a62633145c07p-54,
                                       -0x1.f1976b7ed8fbcp-110};
};

// An angle r + quadrant pi / 2 with |r| <= pi / 4; the quadrant counts modulo 4.
template <class D, class V>
struct ReducedAngle {
  V r;
  hn::Vec<Bits<D>> quadrant;
};

// Beyond this the three parts of pi / 2 are too few, and the reduction goes lane by lane through
// integers.
inline constexpr int farthest_angle = 100000;

// The lanes with |x| > farthest_angle, which are rare, one by one.
template <class D, class V>
HWY_NOINLINE void reduce_far_lanes(D d, V x, ReducedAngle<D, V>& angle) {
  using T = hn::TFromD<D>;
  using U = hn::TFromD<Bits<D>>;
  constexpr std::size_t most = HWY_MAX_BYTES / sizeof(T);
  HWY_ALIGN T xs[most], rs[most];
  HWY_ALIGN U quadrants[most];
  hn::Store(x, d, xs);
  hn::Store(angle.r, d, rs);
  hn::Store(angle.quadrant, Bits<D>(), quadrants);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
    if (!(xs[i] > farthest_angle) && !(xs[i] < -farthest_angle)) continue;
    const ScalarAngle far = reduce_far_angle(static_cast<double>(xs[i]));
    rs[i] = static_cast<T>(far.r);
    quadrants[i] = static_cast<U>(far.quadrant);
  }
  angle = {hn::Load(d, rs), hn::Load(Bits<D>(), quadrants)};
}

template <class D, class V>
HWY_INLINE ReducedAngle<D, V> reduce_angle(D d, V x) {
  using T = hn::TFromD<D>;
  using C = TrigConstants<T>;
  const V magic = hn::Set(d, round_to_integer<T>);
  const V t = hn::MulAdd(x, hn::Set(d, C::two_over_pi), magic);
  const V n = hn::Sub(t, magic);
  V r = exact_neg_mul_add(d, n, hn::Set(d, C::half_pi[0]), x);
  r = exact_neg_mul_add(d, n, hn::Set(d, C::half_pi[1]), r);
  r = hn::NegMulAdd(n, hn::Set(d, C::half_pi[2]), r);
  ReducedAngle<D, V> angle{r, hn::BitCast(Bits<D>(), t)};
  const auto far = hn::Gt(hn::Abs(x), hn::Set(d, static_cast<T>(farthest_angle)));
  if (HWY_UNLIKELY(!hn::AllFalse(d, far))) reduce_far_lanes(d, x, angle);
  return angle;
}

// sin and cos of a reduced angle.
template <class D, class V>
HWY_INLINE void sin_cos_reduced(D d, const ReducedAngle<D, V>& angle, V& sine, V& cosine) {
  using T = hn::TFromD<D>;
  using C = TrigConstants<T>;
  const Bits<D> du;
  const V r2 = hn::Mul(angle.r, angle.r);
  const V s = hn::MulAdd(hn::Mul(r2, angle.r), polynomial(d, r2, C::s), angle.r);
  const V inner = hn::MulAdd(r2, polynomial(d, r2, C::c), hn::Set(d, T{-0.5}));
  const V c = hn::MulAdd(r2, inner, hn::Set(d, T{1}));
  const auto one = hn::Set(du, 1);
  const auto swap = hn::RebindMask(d, hn::TestBit(angle.quadrant, one));
  // Bit 1 of the quadrant (of the quadrant + 1 for the cosine) is the sign.
  constexpr int to_sign = static_cast<int>(sizeof(T)) * 8 - 2;
  const auto sign_bit = hn::Set(du, hwy::SignMask<T>());
  const auto sine_sign = hn::And(hn::ShiftLeft<to_sign>(angle.quadrant), sign_bit);
  const auto cosine_sign = hn::And(hn::ShiftLeft<to_sign>(hn::Add(angle.quadrant, one)), sign_bit);
  sine = hn::Xor(hn::IfThenElse(swap, c, s), hn::BitCast(d, sine_sign));
  cosine = hn::Xor(hn::IfThenElse(swap, s, c), hn::BitCast(d, cosine_sign));
}

// Both at once, for any x; inf and NaN give NaN.
template <class D, class V>
HWY_INLINE void sin_cos(D d, V x, V& sine, V& cosine) {
  sin_cos_reduced(d, reduce_angle(d, x), sine, cosine);
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_MATH_TRIG_INL_H_

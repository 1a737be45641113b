#include "tests/tensor/lane_references.h"

#include <cmath>
#include <limits>

namespace lane_references {
namespace {

// A number in two parts: where e^v has a large v, 64 digits of v are too few for 53 of the result.
struct Pair {
  Real high, low;
};

Pair multiply(Pair a, Pair b) {
  const Real high = a.high * b.high;
  return {high, std::fma(a.high, b.high, -high) + (a.high * b.low + a.low * b.high)};
}

Pair add(Pair a, Pair b) {
  const Real high = a.high + b.high;
  const Real rest = high - a.high;
  return {high, (a.high - (high - rest)) + (b.high - rest) + (a.low + b.low)};
}

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
constexpr Pair kRootHalf{0xb504f333f9de6484p-64L, 0xb2fb1366ea957d3ep-129L};
constexpr Pair kRoot8OverPi{0xcc42299ea1b28468p-63L, 0xfcb3c500bab8e2ffp-128L};
constexpr Pair kCubic{0xb727136a400fba88p-68L, 0x9aaa3ad18d25edd0p-134L};  // 0.044715

}  // namespace

Real sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }

Real softplus(Real x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }

Real silu(Real x) { return x == -kInfinity ? -0.0L : x * sigmoid(x); }

// x erfc(-x / sqrt 2) / 2, to first order in what the rounding of x / sqrt 2 lost.
Real gelu(Real x) {
  if (std::isinf(x)) return x < 0 ? -0.0L : x;
  const Pair t = multiply({-x, 0}, kRootHalf);
  const Real two_over_root_pi = 1.1283791670955125739L;
  return x * (std::erfc(t.high) - two_over_root_pi * std::exp(-t.high * t.high) * t.low) / 2;
}

// x sigmoid(v), v = sqrt(8 / pi) (x + 0.044715 x^3)
Real gelu_tanh(Real x) {
  if (x < -1000) return -0.0L;
  if (x > 1000) return x;
  const Pair factor = add({1, 0}, multiply(kCubic, multiply({x, 0}, {x, 0})));
  const Pair v = multiply(kRoot8OverPi, multiply({x, 0}, factor));
  return x / (1 + std::exp(-v.high) * (1 - v.low));
}

Real selu(Real x) {
  return 1.0507009873554804934193349852946L *
         (x > 0 ? x : 1.6732632423543772848170429916717L * std::expm1(x));
}

Real logit(Real x) {
  if (std::fabs(x - 0.5L) < 0.2L) return std::log1p((2 * x - 1) / (1 - x));
  return std::log(x) - std::log1p(-x);
}

}  // namespace lane_references

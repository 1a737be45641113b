#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "autograd/graph/simplify_call.h"
#include "autograd/graph/term.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// Elementwise functions of analysis: powers, logarithms near 1, circular functions, erf, and the
// clip that keeps the factors of their derivatives finite.

namespace hourglass {

using namespace internal;

namespace {

using kernels::Lane;

// d log(1 + x) = 1 / (1 + x)
const Op& log1p_op = define({
    .name = "log1p",
    .lane = Lane::kLog1p,
    .vjp = {[](const Call& c, const Var& g) { return g * reciprocal(1 + c[0]); }},
});

// d (exp(x) - 1) = exp(x). Not y + 1, which is 0 to rounding for x < -37.
const Op& expm1_op = define({
    .name = "expm1",
    .lane = Lane::kExpm1,
    .vjp = {[](const Call& c, const Var& g) { return g * exp(c[0]); }},
});

// d x^(-1/2) = -y^3 / 2
const Op& rsqrt_op = define({
    .name = "rsqrt",
    .lane = Lane::kRsqrt,
    .vjp = {[](const Call& c, const Var& g) { return g * (-0.5 * (c.output * square(c.output))); }},
});

std::optional<Var> simplify_pow_scalar(const SimplifyCall& c) {
  const double p = c.node.attributes().real("exponent");
  if (p == 1) return c[0];
  return p == 2 ? std::optional(square(c[0])) : std::nullopt;
}

// A fractional power of two negative factors is NaN where that of their product is not.
bool is_factorwise_power(const Call& c, const contract::Term& term) {
  const double p = c.attributes.real("exponent");
  if (!(p > 0)) return false;
  return p == std::floor(p) || (term.factors.size() == 1 && term.coef > 0);
}

// d x^p = p x^(p - 1), and no term at all for p = 0, where x^(-1) would make 0 * inf of x = 0. A
// whole p ends there after p derivatives, so that x^2 has the second derivative 2 also at 0.
const Op& pow_scalar_op = define({
    .name = "pow_scalar",
    .lane = Lane::kPowScalar,
    .vjp = {[](const Call& c, const Var& g) {
      const double p = c.attributes.real("exponent");
      return p == 0 ? Var() : g * (p * pow(c[0], p - 1));
    }},
    .simplify = simplify_pow_scalar,
    .form = {.factorwise = is_factorwise_power},
});

// d x^y = y x^(y - 1), x^y log(x). At x = 0 the limit of x^y log(x) is 0 for y > 0, and 0 is what
// y = 0 gets too; x = y = 0 is treated as if x were 1 in the first, so that y 0^(y - 1) is 0 there.
const Op& pow_op = define({
    .name = "pow",
    .lane = Lane::kPow,
    .vjp = {[](const Call& c, const Var& g) {
              const Var both_zero = equal(c[0], zeros_like(c[0])) * equal(c[1], zeros_like(c[1]));
              return g * (c[1] * pow(where(both_zero, ones_like(c[0]), c[0]), c[1] - 1));
            },
            [](const Call& c, const Var& g) {
              const Var at_zero =
                  equal(c[0], zeros_like(c[0])) * less_equal(zeros_like(c[1]), c[1]);
              const Var slope = c.output * log(where(at_zero, ones_like(c[0]), c[0]));
              return where(at_zero, zeros_like(g), g * slope);
            }},
});

// d sin(x) = cos(x)
const Op& sin_op = define({
    .name = "sin",
    .lane = Lane::kSin,
    .vjp = {[](const Call& c, const Var& g) { return g * cos(c[0]); }},
});

// d cos(x) = -sin(x)
const Op& cos_op = define({
    .name = "cos",
    .lane = Lane::kCos,
    .vjp = {[](const Call& c, const Var& g) { return g * -sin(c[0]); }},
});

// d erf(x) = 2 / sqrt(pi) exp(-x^2). The k-th derivative has a factor x^(k - 1), infinite for
// large x where exp(-x^2) is 0; clipped at 40, where exp(-1600) is 0 in any dtype, all stay finite.
const Op& erf_op = define({
    .name = "erf",
    .lane = Lane::kErf,
    .vjp = {[](const Call& c, const Var& g) {
      return g * (2 * std::numbers::inv_sqrtpi * exp(-square(clip(c[0], -40, 40))));
    }},
});

// d log(x / (1 - x)) = 1 / (x (1 - x))
const Op& logit_op = define({
    .name = "logit",
    .lane = Lane::kLogit,
    .vjp = {[](const Call& c, const Var& g) { return g * reciprocal(c[0] * (1 - c[0])); }},
});

// d clip(x) = 1 where low <= x <= high, else 0
const Op& clip_op = define({
    .name = "clip",
    .lane = Lane::kClip,
    .vjp = {[](const Call& c, const Var& g) {
      const Var above = less_equal(full_like(c[0], c.attributes.real("low")), c[0]);
      const Var below = less_equal(c[0], full_like(c[0], c.attributes.real("high")));
      return gate(g, above * below);
    }},
});

}  // namespace

Var log1p(const Var& x) { return apply(log1p_op, {x}); }
Var expm1(const Var& x) { return apply(expm1_op, {x}); }
Var rsqrt(const Var& x) { return apply(rsqrt_op, {x}); }
Var pow(const Var& x, double exponent) {
  return in_context_of("pow", {x}, [&] {
    return apply(pow_scalar_op, {x}, {{"exponent", exponent}});
  });
}
Var pow(const Var& x, const Var& y) { return apply_broadcast(pow_op, x, y); }
Var sin(const Var& x) { return apply(sin_op, {x}); }
Var cos(const Var& x) { return apply(cos_op, {x}); }
Var erf(const Var& x) { return apply(erf_op, {x}); }
Var logit(const Var& x) { return apply(logit_op, {x}); }

Var clip(const Var& x, double low, double high) {
  if (!(low <= high)) {
    throw Error(fmt::format("clip: low must not exceed high: {} vs {}", low, high));
  }
  return apply(clip_op, {x}, {{"low", low}, {"high", high}});
}

}  // namespace hourglass

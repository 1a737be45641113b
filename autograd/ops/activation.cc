#include <cmath>
#include <limits>
#include <numbers>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"

// Activations. Factors that tend to 0 times x are taken at an x that is clipped where they are 0
// already, so that no order of derivative meets 0 * inf in the tails.

namespace hourglass {
namespace {

using kernels::Lane;

// scale and alpha of Klambauer et al., "Self-normalizing neural networks", 2017.
constexpr double kSeluScale = 1.0507009873554804934193349852946;
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;

Var positive(const Var& x) { return greater(x, zeros_like(x)); }

// d leaky_relu(x) = 1 where x > 0, else slope
const Op& leaky_relu_op = define({
    .name = "leaky_relu",
    .lane = Lane::kLeakyRelu,
    .vjp = {[](const Call& c, const Var& g) {
      const Var left = full_like(c[0], c.attributes.real("slope"));
      return g * where(positive(c[0]), ones_like(c[0]), left);
    }},
});

// exp(x) where x <= 0, and no more than 1 elsewhere. Not from a y = exp(x) - 1, which has rounded
// its digits away.
Var left_exp(const Var& x) { return exp(clip(x, -std::numeric_limits<double>::infinity(), 0)); }

// y = x where x > 0, else alpha (exp(x) - 1):  d elu(x) = 1, alpha exp(x)
const Op& elu_op = define({
    .name = "elu",
    .lane = Lane::kElu,
    .vjp = {[](const Call& c, const Var& g) {
      const double alpha = c.attributes.real("alpha");
      if (alpha == 0) return gate(g, c[0]);
      return g * where(positive(c[0]), ones_like(c[0]), alpha * left_exp(c[0]));
    }},
});

// d selu(x) = scale, scale alpha exp(x)
const Op& selu_op = define({
    .name = "selu",
    .lane = Lane::kSelu,
    .vjp = {[](const Call& c, const Var& g) {
      const Var left = kSeluScale * kSeluAlpha * left_exp(c[0]);
      return g * where(positive(c[0]), full_like(c[0], kSeluScale), left);
    }},
});

// y = x s, s = sigmoid(x):  d silu(x) = s + x s (1 - s). s is 0 in any dtype below -800.
const Op& silu_op = define({
    .name = "silu",
    .lane = Lane::kSilu,
    .vjp = {[](const Call& c, const Var& g) {
      const Var x = clip(c[0], -800, 800);
      const Var s = sigmoid(x);
      return g * (s + x * (s * (1 - s)));
    }},
});

// y = x P(x), P(x) = (1 + erf(x / sqrt 2)) / 2, p = P' = exp(-x^2 / 2) / sqrt(2 pi):
// d gelu(x) = P(x) + x p(x). p is 0 in any dtype beyond 40. On the left P is y / x: 1 + erf has rounded
// its digits away.
const Op& gelu_op = define({
    .name = "gelu",
    .lane = Lane::kGelu,
    .vjp = {[](const Call& c, const Var& g) {
      constexpr double kRoot2 = std::numbers::sqrt2;
      const Var x = clip(c[0], -40, 40);
      const Var left = less(x, full_like(x, -1));
      const Var cumulative =
          where(left, c.output / clip(c[0], -std::numeric_limits<double>::infinity(), -1),
                0.5 * (1 + erf(x * (1 / kRoot2))));
      const Var density = std::numbers::inv_sqrtpi / kRoot2 * exp(-0.5 * square(x));
      return g * (cumulative + x * density);
    }},
});

// y = x s, s = (1 + tanh(u)) / 2 = sigmoid(2 u), u = k (x + c x^3), k = sqrt(2 / pi), c = 0.044715:
// d gelu_tanh(x) = s + x s (1 - s) 2 k (1 + 3 c x^2). s is 0 or 1 in any dtype beyond 22.
const Op& gelu_tanh_op = define({
    .name = "gelu_tanh",
    .lane = Lane::kGeluTanh,
    .vjp = {[](const Call& c, const Var& g) {
      constexpr double kCubic = 0.044715;
      constexpr double kTwice = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
      const Var x = clip(c[0], -22, 22);
      const Var x2 = square(x);
      const Var s = sigmoid(kTwice * (x * (1 + kCubic * x2)));
      const Var slope = kTwice * (1 + 3 * kCubic * x2);
      return g * (s + x * ((s * (1 - s)) * slope));
    }},
});

// y = x / (1 + |x|):  d softsign(x) = 1 / (1 + |x|)^2
const Op& softsign_op = define({
    .name = "softsign",
    .lane = Lane::kSoftsign,
    .vjp = {[](const Call& c, const Var& g) { return g * square(reciprocal(1 + abs(c[0]))); }},
});

}  // namespace

Var leaky_relu(const Var& x, double slope) {
  if (slope == 0) return relu(x);  // 0 times -inf is no number
  return apply(leaky_relu_op, {x}, {{"slope", slope}});
}
Var elu(const Var& x, double alpha) { return apply(elu_op, {x}, {{"alpha", alpha}}); }
Var selu(const Var& x) { return apply(selu_op, {x}); }
Var silu(const Var& x) { return apply(silu_op, {x}); }
Var gelu(const Var& x) { return apply(gelu_op, {x}); }
Var gelu_tanh(const Var& x) { return apply(gelu_tanh_op, {x}); }
Var softsign(const Var& x) { return apply(softsign_op, {x}); }

}  // namespace hourglass

#include "autograd/ops/composites.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

// difference^2 exp(-log_variance), squared last: what is left of 0 is 0 though the precision be
// beyond all numbers, where the factor is held at the largest.
Var squared_deviation(const Var& difference, const Var& log_variance) {
  check_real(log_variance, "squared_deviation");
  const double most = log_variance.dtype() == DType::kF32 ? 88 : 709;  // exp(most) is finite
  const Var log_precision =
      clip(-0.5 * log_variance, -std::numeric_limits<double>::infinity(), most);
  return square(difference * exp(log_precision));
}

}  // namespace

using namespace internal;

// The larger plus softplus of the difference: either branch is the whole function, so its
// derivatives are right on both sides of a = b and at it. inf - inf is kept out of the branches.
Var logaddexp(const Var& a, const Var& b) {
  check_real(a, "logaddexp");
  check_real(b, "logaddexp");
  const Var inf = constant(std::numeric_limits<double>::infinity(), a.dtype());
  const Var same_infinity = equal(a, b) * equal(abs(a), inf);
  const Var difference = where(same_infinity, constant(0, a.dtype()), a - b);
  const Var sum = where(greater(a, b), a + softplus(-difference), b + softplus(difference));
  return where(same_infinity, b, sum);
}

Var log_sigmoid(const Var& x) { return -softplus(-x); }

Var log_cosh(const Var& x) {
  check_real(x, "log_cosh");
  const Var far = abs(x);
  const Var near = -0.5 * log1p(-square(tanh(clip(x, -1, 1))));
  return where(less(far, ones_like(x)), near, far + (softplus(-2 * far) - std::numbers::ln2));
}

// With c = clip(x): c (x - c / 2) is both branches at once.
Var huber(const Var& x, double delta) {
  if (!(delta > 0)) throw Error(fmt::format("huber: delta must be positive: got {}", delta));
  const Var c = clip(x, -delta, delta);
  return c * (x - 0.5 * c);
}

Var cosine_similarity(const Var& a, const Var& b, int axis, double epsilon) {
  // The larger of the squares, so that the root of 0 is not taken.
  const auto length = [&](const Var& x) {
    const Var squares = sum(square(x), {axis});
    return sqrt(maximum(squares, full_like(squares, epsilon * epsilon)));
  };
  const Var of_a = length(a), of_b = length(b);
  return sum(a * b, {axis}) / (of_a * of_b);
}

Var kl_standard_normal(const Var& mean, const Var& log_variance) {
  return 0.5 * (square(mean) + (expm1(log_variance) - log_variance));
}

Var kl_normal(const Var& mean_p, const Var& log_variance_p, const Var& mean_q,
              const Var& log_variance_q) {
  const Var ratio = log_variance_p - log_variance_q;
  const Var apart = squared_deviation(mean_p - mean_q, log_variance_q);
  return 0.5 * (apart + (expm1(ratio) - ratio));
}

Var kl_bernoulli(const Var& p, const Var& q) {
  const auto part = [](const Var& x, const Var& y) { return xlogy(x, x) - xlogy(x, y); };
  return part(p, q) + part(1 - p, 1 - q);
}

Var kl_bernoulli_with_logits(const Var& p, const Var& logits) {
  return xlogy(p, p) + xlogy(1 - p, 1 - p) + logistic_loss(logits, p);
}

Var log_normal_density(const Var& x, const Var& mean, const Var& log_variance) {
  const double constant_part = std::log(2 * std::numbers::pi);
  return -0.5 * (squared_deviation(x - mean, log_variance) + log_variance + constant_part);
}

// Taken from a centre of b's finite rows: the products lose the digits of what lies far from 0.
Var squared_distances(const Var& a, const Var& b) {
  check_real(a, "squared_distances");
  check_real(b, "squared_distances");
  if (a.rank() != 2 || b.rank() != 2 || a.size(1) != b.size(1) || b.size(0) == 0) {
    throw Error(fmt::format("squared_distances: needs rows of one width: a={}, b={}",
                            to_string(a.shape()), to_string(b.shape())));
  }
  const Var finite = equal(b - b, zeros_like(b));
  const Var centre = stop_gradient(mean(where(finite, b, zeros_like(b)), {0}, true));
  const Var u = a - centre, v = b - centre;
  const Var of_u = sum(square(u), {1}, true), of_v = sum(square(v), {1});
  return of_u + of_v - 2 * matmul(u, v, false, true);
}

}  // namespace hourglass

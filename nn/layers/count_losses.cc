#include "nn/layers/count_losses.h"

#include <fmt/core.h>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

constexpr double kMostLogDispersion = 15;

void check_per_element(const char* who, const char* what, const Var& y, const Var& counts) {
  if (y.shape() == counts.shape()) return;
  throw Error(fmt::format("{}: shapes differ: {}={}, counts={}", who, what, to_string(y.shape()),
                          to_string(counts.shape())));
}

void check_dispersion(const char* who, const Var& log_dispersion, const Var& counts) {
  const bool a_row = counts.rank() > 0 && log_dispersion.shape() == Shape{counts.size(-1)};
  if (!a_row) check_per_element(who, "log_dispersion", log_dispersion, counts);
}

Var log_factorial(const Var& counts) { return lgamma(counts + 1); }

// Of each element.
Var negative_binomial(const Var& log_mean, const Var& log_dispersion, const Var& x) {
  const Var log_t =
      clip(cast(log_dispersion, DType::kF64), -kMostLogDispersion, kMostLogDispersion);
  const Var t = exp(log_t), wide_x = cast(x, DType::kF64);
  const Var quotient = lgamma(wide_x + t) - lgamma(t) - log_factorial(wide_x);
  const Var odds = cast(log_mean, DType::kF64) - log_t;
  return cast(t * softplus(odds) + wide_x * softplus(-odds) - quotient, x.dtype());
}

}  // namespace

Var multinomial_loss(const Var& logits, const Var& counts, Reduce over) {
  check_per_element("multinomial_loss", "logits", logits, counts);
  return reduce(-(counts * log_softmax(logits)), over);
}

Var log_multinomial_coefficient(const Var& counts) {
  return log_factorial(sum(counts, {-1})) - sum(log_factorial(counts), {-1});
}

Var poisson_loss(const Var& log_mean, const Var& counts, Reduce over) {
  check_per_element("poisson_loss", "log_mean", log_mean, counts);
  return reduce(exp(log_mean) - counts * log_mean + log_factorial(counts), over);
}

Var negative_binomial_loss(const Var& log_mean, const Var& log_dispersion, const Var& counts,
                           Reduce over) {
  constexpr const char* kName = "negative_binomial_loss";
  check_per_element(kName, "log_mean", log_mean, counts);
  check_dispersion(kName, log_dispersion, counts);
  return reduce(negative_binomial(log_mean, log_dispersion, counts), over);
}

Var zero_inflated_negative_binomial_loss(const Var& log_mean, const Var& log_dispersion,
                                         const Var& dropout_logits, const Var& counts,
                                         Reduce over) {
  constexpr const char* kName = "zero_inflated_negative_binomial_loss";
  check_per_element(kName, "log_mean", log_mean, counts);
  check_dispersion(kName, log_dispersion, counts);
  check_per_element(kName, "dropout_logits", dropout_logits, counts);
  const Var kept =
      negative_binomial(log_mean, log_dispersion, counts) - log_sigmoid(-dropout_logits);
  const Var zero = -logaddexp(log_sigmoid(dropout_logits), -kept);
  return reduce(where(greater(counts, zeros_like(counts)), kept, zero), over);
}

}  // namespace hourglass::nn

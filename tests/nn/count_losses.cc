#include "nn/layers/count_losses.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "autograd/check/gradcheck.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

using namespace hourglass;
using nn::Reduce;
using testing::f64;

namespace {

// The counts 0, 1, ..., n - 1, and one number for each of them.
Var counts_to(std::int64_t n) {
  std::vector<double> x(static_cast<std::size_t>(n));
  std::iota(x.begin(), x.end(), 0);
  return f64(x, {n});
}
Var same(const Var& x, double value) { return full(x.shape(), value, x.dtype()); }

// A distribution over the counts x, from minus its logarithm.
struct Moments {
  double total, mean, variance;

  Moments(const Var& x, const Var& loss) {
    const Var p = exp(-loss);
    total = sum(p).value().item();
    mean = sum(x * p).value().item();
    variance = sum(square(x - mean) * p).value().item();
  }
};

Var negative_binomial(double mean, double dispersion, const Var& x) {
  return nn::negative_binomial_loss(same(x, std::log(mean)), same(x, std::log(dispersion)), x,
                                    Reduce::kNone);
}

// The losses of counts x as functions of what is learnt: logits or log mean, log dispersion (a row),
// dropout's logits.
using LossOf = std::function<Var(const std::vector<Var>&, const Var& x)>;
const LossOf kLosses[] = {
    [](const auto& v, const Var& x) { return nn::multinomial_loss(v[0], x, Reduce::kNone); },
    [](const auto& v, const Var& x) { return nn::poisson_loss(v[0], x, Reduce::kNone); },
    [](const auto& v, const Var& x) {
      return nn::negative_binomial_loss(v[0], v[1], x, Reduce::kNone);
    },
    [](const auto& v, const Var& x) {
      return nn::zero_inflated_negative_binomial_loss(v[0], v[1], v[2], x, Reduce::kNone);
    },
};

}  // namespace

TEST_CASE("the likelihoods of counts sum to 1 and have the moments that they say") {
  const Var x = counts_to(3000);
  const Moments poisson(x, nn::poisson_loss(same(x, std::log(7.5)), x, Reduce::kNone));
  CHECK(poisson.total == doctest::Approx(1).epsilon(1e-12));
  CHECK(poisson.mean == doctest::Approx(7.5).epsilon(1e-12));
  CHECK(poisson.variance == doctest::Approx(7.5).epsilon(1e-12));
  for (const double dispersion : {0.5, 3.0, 1e4}) {
    const Moments nb(x, negative_binomial(7.5, dispersion, x));
    CHECK(nb.total == doctest::Approx(1).epsilon(1e-11));
    CHECK(nb.mean == doctest::Approx(7.5).epsilon(1e-11));
    CHECK(nb.variance == doctest::Approx(7.5 + 7.5 * 7.5 / dispersion).epsilon(1e-11));
  }
  const double lost = 0.3;
  const Var loss = nn::zero_inflated_negative_binomial_loss(
      same(x, std::log(7.5)), same(x, std::log(3)), same(x, std::log(lost / (1 - lost))), x,
      Reduce::kNone);
  const Moments zinb(x, loss);
  CHECK(zinb.total == doctest::Approx(1).epsilon(1e-11));
  CHECK(zinb.mean == doctest::Approx((1 - lost) * 7.5).epsilon(1e-11));
  CHECK(std::exp(-loss.value().at(0)) ==
        doctest::Approx(lost + (1 - lost) * std::pow(3 / 10.5, 3)).epsilon(1e-12));
}

TEST_CASE("the multinomial likelihood of all ways to draw three sums to 1") {
  const Var x = f64({3, 0, 2, 1, 1, 2, 0, 3}, {4, 2});
  const Var z = f64({0.5, -1, 0.5, -1, 0.5, -1, 0.5, -1}, {4, 2});
  const Var log_p =
      nn::log_multinomial_coefficient(x) - sum(nn::multinomial_loss(z, x, Reduce::kNone), {1});
  const double p = 1 / (1 + std::exp(-1.5));
  CHECK(sum(exp(log_p)).value().item() == doctest::Approx(1).epsilon(1e-14));
  CHECK(std::exp(log_p.value().at(1)) == doctest::Approx(3 * p * p * (1 - p)).epsilon(1e-14));
}

// By mpmath at 30 digits, from the distributions' definitions.
TEST_CASE("the losses of counts have their known values") {
  const Var x = f64({0, 4}, {2});
  const Var log_mean = f64({0.5, 0.5}, {2}), log_dispersion = f64({-0.25, -0.25}, {2});
  const Var dropout = f64({-1, -1}, {2});
  const auto check = [](const Var& loss, double zero, double four) {
    CHECK(loss.value().at(0) == doctest::Approx(zero).epsilon(1e-14));
    CHECK(loss.value().at(1) == doctest::Approx(four).epsilon(1e-14));
  };
  check(nn::poisson_loss(log_mean, x, Reduce::kNone), 1.64872127070012815, 2.82677510104807377);
  check(nn::negative_binomial_loss(log_mean, log_dispersion, x, Reduce::kNone),
        0.885396029813459989, 2.93356829696325553);
  check(
      nn::zero_inflated_negative_binomial_loss(log_mean, log_dispersion, dropout, x, Reduce::kNone),
      0.561171660788544816, 3.24682998448147836);
}

TEST_CASE("a negative binomial of little dispersion is Poisson's, in f32 too") {
  const Var x = counts_to(40);
  const Var poisson = nn::poisson_loss(same(x, 2), x, Reduce::kNone);
  const Var nb = nn::negative_binomial_loss(same(x, 2), same(x, 14.5), x, Reduce::kNone);
  const Var narrow = cast(x, DType::kF32);
  const Var nb_f32 =
      nn::negative_binomial_loss(same(narrow, 2), same(narrow, 14.5), narrow, Reduce::kNone);
  for (std::int64_t i = 0; i < 40; ++i) {
    CHECK(nb.value().at(i) == doctest::Approx(poisson.value().at(i)).epsilon(1e-4));
    CHECK(nb_f32.value().at(i) == doctest::Approx(nb.value().at(i)).epsilon(2e-6));
  }
}

TEST_CASE("the losses of counts have their derivatives to the third order") {
  const Tensor z = Tensor::from<double>({0.3, -1, 2, 0.5, 1.5, -0.5}, {2, 3});
  const Tensor dispersion = Tensor::from<double>({-0.5, 0.25, 1}, {3});
  const Tensor dropout = Tensor::from<double>({-1, 0.5, 0, 2, -0.25, 1}, {2, 3});
  const Var x = f64({0, 3, 1, 0, 12, 0}, {2, 3});
  for (const LossOf& loss : kLosses) {
    const auto total = [&](const std::vector<Var>& v) { return sum(loss(v, x)); };
    const auto of = [&](const std::vector<Tensor>& inputs) {
      CHECK(gradgradcheck(total, inputs).passed);
      const auto slope = [&](const std::vector<Var>& v) {
        Var all = sum(square(grad(total(v), v[0])));
        for (std::size_t i = 1; i < v.size(); ++i) all = all + sum(sin(grad(total(v), v[i])));
        return all;
      };
      CHECK(gradgradcheck(slope, inputs).passed);
    };
    const auto which = &loss - kLosses;
    if (which < 2) of({z});
    if (which == 2) of({z, dispersion});
    if (which == 3) of({z, dispersion, dropout});
  }
}

TEST_CASE("the losses of counts and their derivatives stay finite in every tail") {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    for (const double z : {-1e4, -80.0, 0.0, 80.0, 1e4}) {
      for (const double dispersion : {-50.0, -10.0, 10.0, 50.0}) {
        for (const double dropout : {-1e4, -20.0, 20.0, 1e4}) {
          const auto at = [&](double value, Shape shape) {
            return parameter(Tensor::full(std::move(shape), value, dtype));
          };
          const std::vector<Var> v = {at(z, {1, 3}), at(dispersion, {3}), at(dropout, {1, 3})};
          const Var x = cast(f64({0, 1, 1000}, {1, 3}), dtype);
          for (const LossOf& loss : kLosses) {
            const bool poisson = &loss == &kLosses[1];
            if (poisson && z > 80) continue;  // exp(z) is all of it
            std::vector<Var> first = grad(sum(loss(v, x)), v);
            CAPTURE(&loss - kLosses);
            CAPTURE(z);
            CAPTURE(dispersion);
            CAPTURE(dropout);
            Var total = sum(loss(v, x));
            for (const Var& g : first) total = total + sum(g);
            for (const Var& g : first) {
              for (const Var& second : grad(sum(g), v)) total = total + sum(second);
            }
            CHECK(std::isfinite(total.value().item()));
          }
        }
      }
    }
  }
}

TEST_CASE("a dispersion is held between e^-15 and e^15, with derivative 0 beyond") {
  const Var x = f64({0, 3}, {2}), z = f64({1, 1}, {2});
  const auto loss = [&](const Var& v) {
    return nn::negative_binomial_loss(z, v, x, Reduce::kSumOverElements);
  };
  for (const double bound : {-15.0, 15.0}) {
    const Var beyond = parameter(Tensor::full({2}, 1.2 * bound, DType::kF64));
    CHECK(loss(beyond).value().item() == loss(same(x, bound)).value().item());
    CHECK(grad(loss(beyond), beyond).value().at(1) == 0);
  }
}

TEST_CASE("shapes that do not fit the counts are refused") {
  const Var x = input({2, 3});
  CHECK_THROWS_WITH_AS(nn::multinomial_loss(input({2, 4}), x, Reduce::kNone),
                       "multinomial_loss: shapes differ: logits=[2, 4], counts=[2, 3]", Error);
  CHECK_THROWS_WITH_AS(nn::poisson_loss(input({3}), x, Reduce::kNone),
                       "poisson_loss: shapes differ: log_mean=[3], counts=[2, 3]", Error);
  CHECK_THROWS_WITH_AS(nn::negative_binomial_loss(x, input({2}), x, Reduce::kNone),
                       "negative_binomial_loss: shapes differ: log_dispersion=[2], counts=[2, 3]",
                       Error);
  CHECK_THROWS_WITH_AS(
      nn::zero_inflated_negative_binomial_loss(x, input({3}), input({3}), x, Reduce::kNone),
      "zero_inflated_negative_binomial_loss: shapes differ: dropout_logits=[3], counts=[2, 3]",
      Error);
}

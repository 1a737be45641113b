#include "ae/measure/density.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// log N(x; mean, variance)
double log_normal(double x, double mean, double variance) {
  return -0.5 * (std::log(2 * std::numbers::pi * variance) + (x - mean) * (x - mean) / variance);
}

}  // namespace

TEST_CASE("novelty tells copies from images like the data and from images like nothing") {
  const auto images = [](std::uint32_t stream, std::int64_t n) {
    return uniform(key_of(2), {"images", stream}, 0, {n, 6}, 0, 1, DType::kF32);
  };
  const Tensor train = images(0, 800), test = images(1, 300);
  const ae::Novelty copied = ae::novelty(train.rows(0, 50), train, test);
  CHECK(copied.ratio == 0);
  CHECK(copied.copies == 1);
  const ae::Novelty alike = ae::novelty(images(3, 300), train, test);
  CHECK(alike.ratio == doctest::Approx(1).epsilon(0.1));
  CHECK(alike.copies < 0.06);
  CHECK(ae::novelty(Tensor::full({5, 6}, 3), train, test).ratio > 5);
}

TEST_CASE("a copy is nearer than 99 in 100 test images are") {
  const Tensor train = Tensor({1, 1}, DType::kF64);
  std::vector<double> far;  // 1, 2, ..., 200: one in a hundred is below 3
  for (int i = 1; i <= 200; ++i) far.push_back(i);
  const Tensor test = Tensor::from<double>(far, {200, 1});
  const ae::Novelty n = ae::novelty(Tensor::from<double>({2.9, 3.1, 0.5, 9}, {4, 1}), train, test);
  CHECK(n.copies == 0.5);
  CHECK(n.sample_distance == doctest::Approx(15.5 / 4));
  CHECK(n.test_distance == doctest::Approx(100.5));
  CHECK(n.ratio == doctest::Approx(15.5 / 4 / 100.5));
}

TEST_CASE("Parzen's estimate is a mixture of Gaussians, also where every term underflows") {
  const Tensor samples = Tensor::from<double>({0, 0, 3, 4}, {2, 2});
  const Tensor points = Tensor::from<double>({0, 0, 600, 800}, {2, 2});
  const std::vector<double> got = ae::parzen_log_likelihood(samples, points, 1.5);
  const double constant = std::log(2.0) + std::log(2 * std::numbers::pi * 2.25);
  CHECK(got[0] == doctest::Approx(std::log1p(std::exp(-25 / 4.5)) - constant).epsilon(1e-12));
  // The nearer sample alone counts: 995 away.
  CHECK(got[1] == doctest::Approx(-995.0 * 995.0 / 4.5 - constant).epsilon(1e-12));
  CHECK_THROWS_WITH_AS(ae::parzen_log_likelihood(samples, points, 0),
                       "parzen: sigma: must be above 0: got 0", Error);
}

TEST_CASE("Parzen's sigma is chosen where real points are likeliest") {
  const Tensor samples = normal(key_of(3), "references", 0, {3000, 1}, 0, 1, DType::kF64);
  const Tensor points = normal(key_of(3), "queries", 0, {500, 1}, 0, 1, DType::kF64);
  CHECK(ae::choose_parzen_sigma(samples, points, {1e-4, 0.2, 5}) == 0.2);
  // In 1e-160 of everything there is nothing, first in the list or last.
  CHECK(ae::choose_parzen_sigma(samples, points, {1e-160, 5, 0.2, 1e-160}) == 0.2);
  CHECK_THROWS_WITH_AS(ae::choose_parzen_sigma(samples, points, {1e-160}),
                       "parzen: no sigma gives the points a likelihood above 0", Error);
  CHECK(mean(ae::parzen_log_likelihood(samples, points, 0.2)) ==
        doctest::Approx(-0.5 * std::log(2 * std::numbers::pi * std::numbers::e)).epsilon(0.05));
}

TEST_CASE("importance-sampled log-likelihood of a linear Gaussian model is the marginal's") {
  // z ~ N(0, 1), x | z ~ N(2 z, 0.5): x ~ N(0, 4.5), z | x ~ N(2 x / 4.5, 0.5 / 4.5).
  std::vector<double> points;
  for (int i = 0; i < 200; ++i) points.insert(points.end(), {0, 1.5, -4});
  const Tensor x = Tensor::from<double>(points, {600, 1});
  const auto weight = [](const Var& posterior_mean, const Var& posterior_log_variance) {
    return [=](const Var& stored, Step& step) {
      const Var mean = posterior_mean * stored;
      const Var spread = exp(0.5 * posterior_log_variance);
      const Var z =
          mean + spread * random_normal(step.key, "references", stored.shape(), DType::kF64);
      const Var zero = zeros_like(z);
      const Var log_half = full(z.shape(), std::log(0.5), DType::kF64);
      return sum(log_normal_density(z, zero, zero) + log_normal_density(stored, 2 * z, log_half) -
                     log_normal_density(z, mean, posterior_log_variance + zero),
                 {1});
    };
  };
  const auto run = [&](double slope, double variance, int samples) {
    return ae::importance_log_likelihood(
        weight(constant(slope, DType::kF64), constant(std::log(variance), DType::kF64)), x, samples,
        1, 2);
  };
  // With the exact posterior every weight is p(x): one draw says all.
  const std::vector<double> exact = run(2 / 4.5, 0.5 / 4.5, 1);
  for (std::size_t i = 0; i < 600; ++i) {
    CHECK(exact[i] ==
          doctest::Approx(log_normal(x.at(static_cast<std::int64_t>(i)), 0, 4.5)).epsilon(1e-10));
  }
  // With another one the bound rises to it with the number of draws.
  const std::vector<double> few = run(0.3, 0.4, 1), many = run(0.3, 0.4, 400);
  CHECK(mean(few) < mean(exact) - 0.1);
  CHECK(mean(many) == doctest::Approx(mean(exact)).epsilon(0.01));
}

TEST_CASE("importance weights far below the smallest number are summed by their logarithms") {
  const Tensor x = Tensor({1, 1}, DType::kF64);
  const auto log_weight = [](const Var& stored, Step&) { return sum(stored, {1}) - 5000; };
  CHECK(ae::importance_log_likelihood(log_weight, x, 3)[0] == doctest::Approx(-5000));
  CHECK_THROWS_WITH_AS(ae::importance_log_likelihood(log_weight, x, 0),
                       "importance samples: must be at least 1: got 0", Error);
}

#include "ae/measure/latent.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/error.h"

using namespace hourglass;

namespace {

Tensor code(const std::vector<float>& values) {
  return Tensor::from<float>(values, {static_cast<std::int64_t>(values.size())});
}

}  // namespace

TEST_CASE("a linear interpolation has even steps, a spherical one even angles") {
  const Tensor a = code({2, 0}), b = code({0, 2});
  CHECK(ae::interpolate_linear(a, b, 3).values() == std::vector<double>{2, 0, 1, 1, 0, 2});
  const std::vector<double> s = ae::interpolate_spherical(a, b, 4).values();
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::hypot(s[2 * i], s[2 * i + 1]) == doctest::Approx(2).epsilon(1e-6));
    CHECK(std::atan2(s[2 * i + 1], s[2 * i]) ==
          doctest::Approx(static_cast<double>(i) * std::acos(0.0) / 3).epsilon(1e-6).scale(1));
  }
  // Where there is no circle, the straight line.
  CHECK(ae::interpolate_spherical(a, code({4, 0}), 3).values() ==
        std::vector<double>{2, 0, 3, 0, 4, 0});
  CHECK(ae::interpolate_spherical(a, code({0, 0}), 3).at(2) == 1);
  CHECK_THROWS_WITH_AS(ae::interpolate_linear(a, code({1}), 3),
                       "interpolate: needs two codes of one width: a=[2], b=[1]", Error);
  CHECK_THROWS_WITH_AS(ae::interpolate_linear(a, b, 1),
                       "interpolate: steps: must be at least 2: got 1", Error);
}

TEST_CASE("a fitted normal has the codes' mean and covariance, and so have its samples") {
  const Tensor codes = Tensor::from<float>({1, 1, 3, 5, 2, 3, 0, -1, 4, 2}, {5, 2});
  const ae::CodeNormal normal = ae::fit_normal(codes);
  CHECK(normal.mean.values() == std::vector<double>{2, 2});
  const auto covariance = [&](std::int64_t i, std::int64_t j) {
    return normal.factor.at(i) * normal.factor.at(j) +
           normal.factor.at(2 + i) * normal.factor.at(2 + j);
  };
  CHECK(covariance(0, 0) == doctest::Approx(2).epsilon(1e-12));
  CHECK(covariance(1, 1) == doctest::Approx(4).epsilon(1e-12));
  CHECK(covariance(0, 1) == doctest::Approx(2).epsilon(1e-12));
  CHECK(ae::deviations(normal)[1] == doctest::Approx(2).epsilon(1e-12));
  const Tensor drawn = ae::sample(normal, 20000, key_of(4));
  CHECK(ae::fit_normal(drawn).mean.at(0) == doctest::Approx(2).epsilon(0.03));
  CHECK(ae::deviations(ae::fit_normal(drawn))[1] == doctest::Approx(2).epsilon(0.03));
  CHECK(ae::sample(normal, 3, key_of(4)).identical(drawn.rows(0, 3)));
  CHECK(ae::deviations(ae::standard_normal(3)) == std::vector<double>{1, 1, 1});
}

TEST_CASE("normal quantiles are the known ones, in the tails too") {
  CHECK(ae::normal_quantile(0.5) == doctest::Approx(0).scale(1).epsilon(1e-14));
  CHECK(ae::normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-13));
  CHECK(ae::normal_quantile(0.025) == doctest::Approx(-1.959963984540054).epsilon(1e-13));
  CHECK(ae::normal_quantile(1e-10) == doctest::Approx(-6.361340902404056).epsilon(1e-12));
  CHECK_THROWS_WITH_AS(ae::normal_quantile(1), "normal_quantile: expected 0 < p < 1: got 1", Error);
}

TEST_CASE("a manifold's grid has its middle at the mean and rises to the right and upwards") {
  const Tensor grid = ae::manifold(ae::standard_normal(3), 0, 2, 3);
  REQUIRE(grid.shape() == Shape{9, 3});
  for (std::int64_t j = 0; j < 3; ++j) CHECK(std::abs(grid.at(4 * 3 + j)) < 1e-12);
  CHECK(grid.at(0) == doctest::Approx(ae::normal_quantile(1.0 / 6)));
  CHECK(grid.at(2) == doctest::Approx(ae::normal_quantile(5.0 / 6)));
  CHECK(grid.at(1) == 0);
  CHECK(grid.at(2 * 3) == doctest::Approx(ae::normal_quantile(5.0 / 6)));
  CHECK_THROWS_WITH_AS(ae::manifold(ae::standard_normal(3), 0, 3, 3),
                       "manifold: the code has 3 units: there is no unit 3 (they count from 0)",
                       Error);
  CHECK_THROWS_WITH_AS(ae::manifold(ae::standard_normal(3), 1, 1, 3),
                       "manifold: unit 1 is named twice", Error);
}

TEST_CASE("a traversal moves one unit and leaves the others") {
  CHECK(ae::traverse(code({5, 6}), 1, -1, 1, 3).values() == std::vector<double>{5, -1, 5, 0, 5, 1});
}

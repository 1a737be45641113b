#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "ae/model/pca.h"
#include "bench/baselines/isolation_forest.h"
#include "bench/baselines/kernel_pca.h"
#include "bench/baselines/pca_monitor.h"
#include "bench/baselines/projections.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

using namespace hourglass;
using namespace hourglass::bench;

namespace {

Tensor f64_tensor(const std::vector<double>& values, Shape shape) {
  return Tensor::from(values, shape);
}

double distance(const Tensor& a, std::int64_t i, std::int64_t j) {
  const std::int64_t d = a.shape()[1];
  double sum = 0;
  for (std::int64_t k = 0; k < d; ++k) sum += std::pow(a.at(i * d + k) - a.at(j * d + k), 2);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("iterative quantization turns a cube until its corners have signs of their own") {
  // The corners of a cube in five dimensions, each 32 times and blurred.
  const std::int64_t n = 256;
  const Tensor draws = normal(key_of(1), "draws", 0, {20, 5}, 0, 1, DType::kF64);
  const Tensor edges = ae::fit_pca(draws).components;
  const Tensor blur = normal(key_of(2), "blur", 0, {n, 3}, 0, 0.2, DType::kF64);
  Tensor rows = Tensor::full({n, 5}, 3.0, DType::kF64);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t a = 0; a < 3; ++a) {
      const double place = ((i >> a) % 2 == 1 ? 1.2 : -1.2) + blur.at(3 * i + a);
      for (std::int64_t j = 0; j < 5; ++j) {
        rows.data<double>()[5 * i + j] += place * edges.at(5 * a + j);
      }
    }
  }
  const Tensor axes = quantization_axes(rows, 3, 4);
  const Tensor y = projected(rows, axes),
               middle = projected(ae::fit_pca(rows).mean.reshape({1, 5}), axes);
  std::map<std::vector<bool>, std::set<std::int64_t>> corners;
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<bool> signs;
    for (std::int64_t a = 0; a < 3; ++a) signs.push_back(y.at(3 * i + a) > middle.at(a));
    corners[signs].insert(i % 8);
  }
  CHECK(corners.size() == 8);
  for (const auto& [signs, found] : corners) CHECK(found.size() == 1);
  CHECK_THROWS_WITH_AS(quantization_axes(rows, 6, 4), "itq: expected 1 to 5 numbers: got 6", Error);
  CHECK_THROWS_WITH_AS(quantization_axes(rows, 4, 4),
                       "itq: the rows vary in fewer than 4 directions", Error);
}

TEST_CASE("T2 is a place within the components in variances, Q the rest, squared") {
  // Variances 2 and 1/2, along the axes.
  const Tensor rows = f64_tensor({2, 0, -2, 0, 0, 1, 0, -1}, {4, 2});
  const MonitorStatistics one = PcaMonitor(rows, 1)(f64_tensor({2, 1, 0, -3}, {2, 2}));
  CHECK(one.t2[0] == doctest::Approx(2));
  CHECK(one.q[0] == doctest::Approx(1));
  CHECK(one.t2[1] == doctest::Approx(0));
  CHECK(one.q[1] == doctest::Approx(9));
  const MonitorStatistics both = PcaMonitor(rows, 2)(f64_tensor({2, 1}, {1, 2}));
  CHECK(both.t2[0] == doctest::Approx(4));  // Mahalanobis' distance, squared
  CHECK(both.q[0] == 0);
  CHECK(PcaMonitor::explaining(rows, 0.8).components() == 1);
  CHECK(PcaMonitor::explaining(rows, 0.81).components() == 2);
  CHECK_THROWS_WITH_AS(PcaMonitor(rows, 3), "pca: expected 1 to 2 components: got 3", Error);
  CHECK_THROWS_WITH_AS(PcaMonitor(rows, 1)(f64_tensor({1, 2, 3}, {1, 3})),
                       "pca: rows must be [N, 2]: got [1, 3]", Error);
  CHECK_THROWS_WITH_AS(PcaMonitor::explaining(rows, 0), "pca: expected a share of 0 to 1: got 0",
                       Error);
}

TEST_CASE("the limits of T2 and Q are those of tables of F and of chi squared") {
  CHECK(f_quantile(0.95, 2, 10) == doctest::Approx(4.1028).epsilon(1e-4));
  CHECK(f_quantile(0.95, 1, 10) == doctest::Approx(4.9646).epsilon(1e-4));
  CHECK(f_quantile(0.99, 5, 20) == doctest::Approx(4.1027).epsilon(1e-4));
  // Eight directions of one variance outside the one component: Q / variance is chi squared.
  std::vector<double> axes(18 * 9, 0.0);
  for (std::size_t i = 0; i < 9; ++i) {
    axes[2 * i * 9 + i] = i == 0 ? 9 : 3;
    axes[(2 * i + 1) * 9 + i] = i == 0 ? -9 : -3;
  }
  const PcaMonitor monitor(f64_tensor(axes, {18, 9}), 1);
  CHECK(monitor.q_limit(0.95) == doctest::Approx(15.507).epsilon(5e-3));
  CHECK(monitor.q_limit(0.99) == doctest::Approx(20.090).epsilon(5e-3));
  CHECK(monitor.t2_limit(0.95) == doctest::Approx(17.0 * 19 / (18 * 17) * 4.4513).epsilon(1e-4));
}

TEST_CASE("the limit of Q is Jackson and Mudholkar's of unequal variances, worked out by hand") {
  // Variances 16, and 4 and 1 outside the component: theta is 5, 17, 65.
  std::vector<double> axes(6 * 3, 0.0);
  for (std::size_t i = 0; i < 3; ++i) {
    axes[2 * i * 3 + i] = std::sqrt(3 * std::pow(4.0, 2 - static_cast<double>(i)));
    axes[(2 * i + 1) * 3 + i] = -axes[2 * i * 3 + i];
  }
  CHECK(PcaMonitor(f64_tensor(axes, {6, 3}), 1).q_limit(0.95) ==
        doctest::Approx(16.7080).epsilon(1e-4));
}

TEST_CASE("the distance from two rows' kernel component is the one computed by hand") {
  const Tensor rows = f64_tensor({0, 0, 3, 4}, {2, 2});
  CHECK(median_distance(rows) == 5);
  const KernelPca pca(rows, 1);
  REQUIRE(pca.components() == 1);
  const auto k = [](double squared) { return std::exp(-squared / 50); };
  const double k1 = k(1), k2 = k(4 + 16), between = k(25);  // of the row (1, 0)
  const double centred = 1 - (k1 + k2) + (1 + between) / 2;
  const double along = (k1 - k2) / std::sqrt(2 - 2 * between);
  const std::vector<double> found = pca(f64_tensor({1, 0, 0, 0, 1e3, 0}, {3, 2}));
  CHECK(found[0] == doctest::Approx(centred - along * along));
  CHECK(found[1] == doctest::Approx(0));                      // it was learnt from
  CHECK(found[2] == doctest::Approx(1 + (1 + between) / 2));  // far from everything
  CHECK_THROWS_WITH_AS(KernelPca(rows, 2), "kernel pca: expected a share of 0 to 1: got 2", Error);
  CHECK_THROWS_WITH_AS(KernelPca(rows.rows(0, 1), 1),
                       "kernel pca: expected two rows or more, [N, D]: got [1, 2]", Error);
}

TEST_CASE("all kernel components together span every row that was learnt from") {
  const Tensor rows = f64_tensor({0, 0, 1, 0, 5, 1, 2, 2}, {4, 2});
  const KernelPca pca(rows, 1);
  CHECK(pca.components() == 3);
  for (const double left : pca(rows)) CHECK(left == doctest::Approx(0).scale(1));
  CHECK(pca(f64_tensor({3, 0}, {1, 2}))[0] > 0.01);
}

TEST_CASE("an isolation forest cuts off what lies apart") {
  CHECK(mean_path_length(1) == 0);
  CHECK(mean_path_length(2) == 1);
  CHECK(mean_path_length(3) == doctest::Approx(2 * 1.5 - 4.0 / 3));
  // Two rows: one cut, of c(2) = 1, whatever it is.
  const std::vector<double> two =
      IsolationForest(f64_tensor({0, 1}, {2, 1}))(f64_tensor({-5, 0, 7}, {3, 1}));
  for (const double score : two) CHECK(score == 0.5);
  // No cut divides equal rows, which are as deep as a tree of them is on average.
  const std::vector<double> equal =
      IsolationForest(f64_tensor({3, 3, 3}, {3, 1}))(f64_tensor({3}, {1, 1}));
  CHECK(equal[0] == doctest::Approx(0.5));

  Tensor rows = normal(key_of(1), "rows", 0, Shape{200, 2}, 0, 1, DType::kF64);
  rows.data<double>()[0] = rows.data<double>()[1] = 9;
  const std::vector<double> scores = IsolationForest(rows, {.seed = 3})(rows);
  for (std::size_t i = 1; i < scores.size(); ++i) CHECK(scores[i] < scores[0]);
  CHECK(scores[0] > 0.7);
  CHECK(IsolationForest(rows, {.seed = 3})(rows) == scores);
  CHECK_THROWS_WITH_AS(IsolationForest(rows.rows(0, 1)),
                       "isolation forest: expected two rows or more, [N, D]: got [1, 2]", Error);
}

TEST_CASE("latent semantic axes are right singular vectors, random ones keep distances") {
  const Tensor rows = uniform(key_of(2), "rows", 0, Shape{40, 12});
  const Tensor y = projected(rows, latent_semantic_axes(rows, 3));
  std::vector<double> singular(12);
  const Tensor wide = rows.cast(DType::kF64);
  kernels::singular_values(40, 12, wide.data<double>(), singular.data());
  for (std::int64_t k = 0; k < 3; ++k) {
    for (std::int64_t l = 0; l <= k; ++l) {
      double dot = 0;
      for (std::int64_t i = 0; i < 40; ++i) dot += y.at(3 * i + k) * y.at(3 * i + l);
      const double want = k == l ? std::pow(singular[static_cast<std::size_t>(k)], 2) : 0;
      CHECK(dot == doctest::Approx(want).epsilon(1e-4).scale(100));
    }
  }
  CHECK_THROWS_WITH_AS(latent_semantic_axes(rows, 13), "lsa: expected 1 to 12 numbers: got 13",
                       Error);

  const Tensor z = projected(rows, random_axes(12, 2000, 1));
  for (std::int64_t i = 1; i < 40; ++i) {
    CHECK(distance(z, 0, i) == doctest::Approx(distance(rows, 0, i)).epsilon(0.1));
  }
}

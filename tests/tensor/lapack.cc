#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace {

using hourglass::Error;
using hourglass::kernels::singular_values;
using hourglass::kernels::symmetric_eigen;

struct Eigen {
  std::vector<double> values, vectors;
};

Eigen eigen(std::int64_t n, const std::vector<double>& matrix) {
  Eigen e{std::vector<double>(static_cast<std::size_t>(n)),
          std::vector<double>(static_cast<std::size_t>(n * n))};
  symmetric_eigen(n, matrix.data(), e.values.data(), e.vectors.data());
  return e;
}

std::vector<double> random_symmetric(std::int64_t n) {
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  std::vector<double> a(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      a[static_cast<std::size_t>(i * n + j)] = a[static_cast<std::size_t>(j * n + i)] =
          normal(generator);
    }
  }
  return a;
}

double dot(const double* a, const double* b, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TEST_CASE("the eigenvalues of the second difference are 2 - 2 cos(i pi / (n + 1))") {
  const std::int64_t n = 25;
  std::vector<double> a(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) {
    a[static_cast<std::size_t>(i * n + i)] = 2;
    if (i > 0)
      a[static_cast<std::size_t>(i * n + i - 1)] = a[static_cast<std::size_t>((i - 1) * n + i)] =
          -1;
  }
  const Eigen e = eigen(n, a);
  for (std::int64_t i = 0; i < n; ++i) {
    const double exact =
        2 - 2 * std::cos(static_cast<double>(i + 1) * M_PI / static_cast<double>(n + 1));
    CHECK(e.values[static_cast<std::size_t>(i)] == doctest::Approx(exact).epsilon(1e-13));
  }
}

TEST_CASE(
    "eigenvectors are orthonormal rows with A v = lambda v, ascending, largest component "
    "positive") {
  for (const std::int64_t n : {1, 2, 3, 17, 64, 150}) {
    const std::vector<double> a = random_symmetric(n);
    const Eigen e = eigen(n, a);
    double residual = 0, skew = 0, worst_sign = 1;
    for (std::int64_t i = 0; i < n; ++i) {
      const double* v = e.vectors.data() + i * n;
      if (i > 0)
        CHECK(e.values[static_cast<std::size_t>(i - 1)] <= e.values[static_cast<std::size_t>(i)]);
      double largest = 0;
      for (std::int64_t j = 0; j < n; ++j) {
        residual = std::max(residual, std::abs(dot(a.data() + j * n, v, n) -
                                               e.values[static_cast<std::size_t>(i)] * v[j]));
        skew = std::max(skew, std::abs(dot(v, e.vectors.data() + j * n, n) - (i == j ? 1 : 0)));
        if (std::abs(v[j]) > std::abs(largest)) largest = v[j];
      }
      worst_sign = std::min(worst_sign, largest);
    }
    CHECK(residual < 1e-13 * static_cast<double>(n + 10));
    CHECK(skew < 1e-14 * static_cast<double>(n + 10));
    CHECK(worst_sign > 0);
  }
}

TEST_CASE("an eigen-decomposition has the same bits on any number of threads") {
  const std::vector<double> a = random_symmetric(200);
  const Eigen one = eigen(200, a);
  const hourglass::ThreadScope scope(8);
  const Eigen many = eigen(200, a);
  CHECK(one.values == many.values);
  CHECK(one.vectors == many.vectors);
}

TEST_CASE("singular values are the square roots of the Gram matrix's eigenvalues, descending") {
  for (const auto& [m, n] :
       {std::pair<std::int64_t, std::int64_t>{5, 5}, {3, 8}, {40, 7}, {1, 6}}) {
    std::mt19937 generator(3);
    std::normal_distribution<double> normal;
    std::vector<double> a(static_cast<std::size_t>(m * n));
    for (double& value : a) value = normal(generator);
    const std::int64_t rank = std::min(m, n);
    std::vector<double> gram(static_cast<std::size_t>(m * m));
    for (std::int64_t i = 0; i < m; ++i) {
      for (std::int64_t j = 0; j < m; ++j)
        gram[static_cast<std::size_t>(i * m + j)] = dot(a.data() + i * n, a.data() + j * n, n);
    }
    std::vector<double> values(static_cast<std::size_t>(rank));
    singular_values(m, n, a.data(), values.data());
    const Eigen e = eigen(m, gram);
    for (std::int64_t i = 0; i < rank; ++i) {
      const double squared =
          values[static_cast<std::size_t>(i)] * values[static_cast<std::size_t>(i)];
      CHECK(squared ==
            doctest::Approx(e.values[static_cast<std::size_t>(m - 1 - i)]).epsilon(1e-10));
    }
  }
}

TEST_CASE("a matrix that LAPACK cannot take is refused in one line") {
  double a[4] = {1, 2, 2, std::numeric_limits<double>::infinity()}, values[2], vectors[4];
  CHECK_THROWS_WITH_AS(
      symmetric_eigen(2, a, values, vectors),
      "symmetric_eigen: the matrix holds a number that is not finite: row 1, column 1: inf", Error);
  CHECK_THROWS_WITH_AS(
      singular_values(1, 4, a, values),
      "singular_values: the matrix holds a number that is not finite: row 0, column 3: inf", Error);
  CHECK_THROWS_WITH_AS(
      symmetric_eigen(40000, nullptr, nullptr, nullptr),
      "symmetric_eigen: the matrix is too large for LAPACK: [40000, 40000]: more than 32000",
      Error);
  symmetric_eigen(0, nullptr, nullptr, nullptr);
  singular_values(0, 3, nullptr, nullptr);
}

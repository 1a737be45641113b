// The accuracy that each lane states, against long double, on every target.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/lane_references.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::kernels::Lane;
using hourglass::kernels::lane_info;
using lanes_testing::ulp_error;
using Real = long double;

// A lane of one input: its bounds, where its digits are most at risk, and the exact function.
struct Row {
  Lane lane;
  double ulp_f32, ulp_f64;
  double low, high;
  Real (*exact)(Real x);
  double parameter = 0;
};

Real elu(Real x) { return x > 0 ? x : 1.25L * std::expm1(x); }

const Row kRows[] = {
    {Lane::kExp, 1.1, 0.9, -30, 30, std::exp},
    {Lane::kExpm1, 1.7, 1.7, -1, 2, std::expm1},
    {Lane::kLog, 0.9, 0.9, 0, 3, std::log},
    {Lane::kLog1p, 1.5, 1.5, -1, 2, std::log1p},
    {Lane::kSqrt, 0.5, 0.5, 0, 5, std::sqrt},
    {Lane::kRsqrt, 1.5, 1.5, 0, 5, [](Real x) { return 1 / std::sqrt(x); }},
    {Lane::kReciprocal, 0.5, 0.5, -5, 5, [](Real x) { return 1 / x; }},
    {Lane::kTanh, 2.6, 2.3, -2, 2, std::tanh},
    {Lane::kSigmoid, 2.5, 2.4, -20, 10, lane_references::sigmoid},
    {Lane::kSoftplus, 1.7, 1.7, -5, 5, lane_references::softplus},
    {Lane::kSin, 1.6, 1.6, -100000, 100000, std::sin},
    {Lane::kCos, 1.6, 1.6, -10, 10, std::cos},
    {Lane::kErf, 1.3, 1.3, -3, 3, std::erf},
    {Lane::kElu, 1.7, 1.7, -3, 1, elu, 1.25},
    {Lane::kSelu, 1.9, 1.9, -3, 1, lane_references::selu},
    {Lane::kSilu, 3.3, 3.1, -15, 5, lane_references::silu},
    {Lane::kGelu, 5, 4.7, -12, 5, lane_references::gelu},
    {Lane::kGeluTanh, 3.3, 3, -10, 5, lane_references::gelu_tanh},
    {Lane::kSoftsign, 1.5, 1.5, -5, 5, lane_references::softsign},
    {Lane::kLogit, 1.7, 1.7, 0, 1, lane_references::logit},
    {Lane::kPowScalar, 1.5, 1.5, 0, 20, [](Real x) { return std::pow(x, 2.5L); }, 2.5},
    {Lane::kPowScalar, 1.5, 1.5, -9, 9, [](Real x) { return x * x * x; }, 3},
};

template <class T>
void check_row(const Row& row, double stated) {
  const std::vector<T> x =
      lanes_testing::joined(lanes_testing::joined(lanes_testing::all_kinds<T>(20000),
                                                  lanes_testing::special_numbers<T>()),
                            lanes_testing::spread<T>(row.low, row.high, 30000));
  std::vector<Real> exact;
  for (const T value : x) exact.push_back(row.exact(value));
  on_every_target([&](auto) {
    const std::vector<T> y = lanes_testing::run<T>(row.lane, {x}, &row.parameter);
    double worst = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = ulp_error(y[i], exact[i]);
      if (error > worst) worst = error, at = i;
    }
    INFO("x = ", x[at], ", y = ", y[at], ", exact ", static_cast<double>(exact[at]));
    CHECK(worst <= stated);
  });
}

// Bases from tiny to huge, and exponents that take the power through its whole range.
template <class T>
void check_pow(double stated) {
  const double range = std::numeric_limits<T>::max_exponent * 0.75;
  const std::vector<double> exponents = lanes_testing::spread<double>(-range, range, 20000);
  std::vector<T> x, y;
  for (std::size_t i = 0; i < exponents.size(); ++i) {
    const double width = i % 3 == 0 ? range * 0.99 : i % 3 == 1 ? 1.0 : 1e-3;
    const double log_x = width * std::sin(static_cast<double>(i));
    x.push_back(static_cast<T>(std::exp(log_x)));
    y.push_back(static_cast<T>(exponents[i] / log_x));
  }
  on_every_target([&](auto) {
    const std::vector<T> z = lanes_testing::run<T>(Lane::kPow, {x, y});
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      worst = std::max(worst, ulp_error(z[i], std::pow(Real{x[i]}, Real{y[i]})));
    }
    CHECK(worst <= stated);
  });
}

}  // namespace

TEST_CASE("every function is as accurate as it states, over its whole range, on every target") {
  for (const Row& row : kRows) {
    const std::string name(lane_info(row.lane).name);
    SUBCASE(name.c_str()) {
      CHECK(lane_info(row.lane).ulp_f32 == row.ulp_f32);
      CHECK(lane_info(row.lane).ulp_f64 == row.ulp_f64);
      check_row<float>(row, row.ulp_f32);
      check_row<double>(row, row.ulp_f64);
    }
  }
}

TEST_CASE("pow is within 1.1 ULP wherever the power is a number") {
  CHECK(lane_info(Lane::kPow).ulp_f32 == 1.1);
  CHECK(lane_info(Lane::kPow).ulp_f64 == 1);
  check_pow<float>(1.1);
  check_pow<double>(1);
}

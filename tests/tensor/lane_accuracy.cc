// The accuracy that each lane states, against long double, on every target.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "autograd/certificate/certificate.h"
#include "autograd/graph/op.h"
#include "tensor/kernels.h"
#include "tests/autograd/support.h"
#include "tests/tensor/lane_references.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::all_ops;
using hourglass::find_op;
using hourglass::Op;
using hourglass::kernels::Lane;
using hourglass::kernels::lane_info;
using hourglass::kernels::LaneInfo;
using lanes_testing::ulp_error;
using Real = long double;

// A lane of one input: its bounds, where its digits are most at risk, the points beside which they
// are (zeros, seams between formulas, ends of the range), and the exact function.
struct StatedLane {
  Lane lane;
  double ulp_f32, ulp_f64;
  double low, high;
  std::vector<double> points;
  Real (*exact)(Real x);
  double parameter = 0;
};

Real elu(Real x) { return x > 0 ? x : 1.25L * std::expm1(x); }

constexpr double kPi = 3.14159265358979323846;

const StatedLane kStatedLanes[] = {
    {Lane::kExp, 1.2, 0.9, -30, 30, {0, -87.3, -103.9, 88.7, -708.4, -745.1, 709.7}, std::exp},
    {Lane::kExpm1, 1.7, 1.7, -1, 2, {0, 0.3466, 88.7, 709.7, -17.3, -37}, std::expm1},
    {Lane::kLog, 0.9, 0.9, 0, 3, {1, 0.7071, 1.4142}, std::log},
    {Lane::kLog1p, 1.5, 1.5, -1, 2, {0, -0.2929, 0.4142}, std::log1p},
    {Lane::kSqrt, 0.5, 0.5, 0, 5, {1}, std::sqrt},
    {Lane::kRsqrt, 1.5, 1.5, 0, 5, {1}, [](Real x) { return 1 / std::sqrt(x); }},
    {Lane::kReciprocal, 0.5, 0.5, -5, 5, {1}, [](Real x) { return 1 / x; }},
    {Lane::kTanh, 4.8, 1.4, -2, 2, {0, 0.25, -0.55, 3, 8.6, -9.02, 19.1}, std::tanh},
    {Lane::kSigmoid,
     2.5,
     1.8,
     -20,
     10,
     {0, -16.6, -36.8, -87.3, -103.9, -709.5, -745.1, 37},
     lane_references::sigmoid},
    {Lane::kSoftplus,
     2.1,
     1.8,
     -5,
     5,
     {0, -0.8814, -103.9, -745.1, 17.3, 36.7},
     lane_references::softplus},
    {Lane::kSin, 1.6, 1.6, -100000, 100000, {0, kPi, 1000 * kPi, -kPi / 4}, std::sin},
    {Lane::kCos, 1.6, 1.6, -10, 10, {kPi / 2, -501 * kPi / 2, kPi / 4}, std::cos},
    {Lane::kErf, 1.3, 1.3, -3, 3, {0, 1, -1, 3.8, 5.8}, std::erf},
    {Lane::kElu, 1.7, 1.7, -3, 1, {0}, elu, 1.25},
    {Lane::kSelu, 1.9, 1.9, -3, 1, {0}, lane_references::selu},
    {Lane::kSilu,
     2.5,
     1.8,
     -15,
     5,
     {0, -1.2785, -16.6, -36.8, -108, -709.5, -751, 50},
     lane_references::silu},
    {Lane::kGelu,
     5.4,
     1.6,
     -12,
     5,
     {0, -0.7518, 1, -13, -14.2, -37.5, -38.5},
     lane_references::gelu},
    {Lane::kGeluTanh,
     2.1,
     1.7,
     -10,
     5,
     {0, -0.7525, -9.8, -10.2, -21.1, 5},
     lane_references::gelu_tanh},
    {Lane::kLogit, 1.7, 1.7, 0, 1, {0.5, 1, 0.2929, 0.5858}, lane_references::logit},
    {Lane::kPowScalar, 1.5, 1.5, 0, 20, {1}, [](Real x) { return std::pow(x, 2.5L); }, 2.5},
    {Lane::kPowScalar, 1.5, 1.5, -9, 9, {1}, [](Real x) { return x * x * x; }, 3},
};

// Numbers on both sides of a point, as many at each distance from 1 down to a last digit.
template <class T>
std::vector<T> around(double point, std::size_t n) {
  const double digits = std::numeric_limits<T>::digits + (point == 0 ? 20 : 0);
  std::vector<T> x;
  for (const double u : lanes_testing::spread<double>(0, digits, n)) {
    x.push_back(static_cast<T>(point + std::exp2(-u)));
    x.push_back(static_cast<T>(point - std::exp2(-u)));
  }
  return x;
}

template <class T>
void check_row(const StatedLane& row, double stated) {
  std::vector<T> x =
      lanes_testing::joined(lanes_testing::joined(lanes_testing::all_kinds<T>(20000),
                                                  lanes_testing::special_numbers<T>()),
                            lanes_testing::spread<T>(row.low, row.high, 30000));
  for (const double point : row.points) x = lanes_testing::joined(x, around<T>(point, 4000));
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

template <class T>
void check_logistic_loss(double stated) {
  const std::vector<T> some = lanes_testing::joined(lanes_testing::spread<T>(-20, 20, 20000),
                                                    lanes_testing::all_kinds<T>(20000));
  std::vector<T> x, t;
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (!std::isfinite(some[i])) continue;
    x.push_back(some[i]);
    t.push_back(i % 4 < 2 ? static_cast<T>(i % 4) : static_cast<T>(i % 1009) / T{1009});
  }
  on_every_target([&](auto) {
    const std::vector<T> y = lanes_testing::run<T>(Lane::kLogisticLoss, {x, t});
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Real missed = x[i] > 0 ? 1 - Real{t[i]} : Real{t[i]};
      const Real size = std::fabs(Real{x[i]});
      worst = std::max(worst, ulp_error(y[i], missed * size + std::log1p(std::exp(-size))));
    }
    CHECK(worst <= stated);
  });
}

// What lane_gamma.cc holds: below 0 these pass through zeros.
bool elsewhere(Lane lane) {
  return lane == Lane::kLgamma || lane == Lane::kDigamma || lane == Lane::kPolygamma;
}

const hourglass::check::Row* find_row(const Op* op) {
  for (const hourglass::check::Row& row : hourglass::check::certificate_rows()) {
    if (find_op(row.name) == op) return &row;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("every function is as accurate as it states, over its whole range, on every target") {
  for (const StatedLane& row : kStatedLanes) {
    const std::string name(lane_info(row.lane).name);
    SUBCASE(name.c_str()) {
      CHECK(lane_info(row.lane).ulp_f32 == row.ulp_f32);
      CHECK(lane_info(row.lane).ulp_f64 == row.ulp_f64);
      check_row<float>(row, row.ulp_f32);
      check_row<double>(row, row.ulp_f64);
    }
  }
}

// A lane without a row above is held to what its row in the certificate says.
TEST_CASE("every lane that rounds more than once is as accurate as it states") {
  for (const Op* op : all_ops()) {
    if (!op->is_lane() || hourglass::testing::is_tests_own(op->name)) continue;
    const LaneInfo& info = lane_info(op->lane);
    const bool has_row = elsewhere(op->lane) ||
                         std::any_of(std::begin(kStatedLanes), std::end(kStatedLanes),
                                     [&](const StatedLane& row) { return row.lane == op->lane; });
    if (has_row || info.inputs != 1 || info.ulp_f64 <= 0.5) continue;
    const std::string name(op->name);
    SUBCASE(name.c_str()) {
      const hourglass::check::Row* proved = find_row(op);
      REQUIRE_MESSAGE((proved && proved->exact), "no exact function in the certificate");
      const hourglass::check::Argument& x = proved->cases[0].arguments[0];
      const StatedLane row{op->lane, info.ulp_f32, info.ulp_f64, x.low, x.high, {0}, proved->exact};
      check_row<float>(row, row.ulp_f32);
      check_row<double>(row, row.ulp_f64);
    }
  }
}

TEST_CASE("a logistic loss is as accurate as it states, for targets from 0 to 1") {
  check_logistic_loss<float>(lane_info(Lane::kLogisticLoss).ulp_f32);
  check_logistic_loss<double>(lane_info(Lane::kLogisticLoss).ulp_f64);
}

TEST_CASE("pow is within 1.1 ULP wherever the power is a number") {
  CHECK(lane_info(Lane::kPow).ulp_f32 == 1.1);
  CHECK(lane_info(Lane::kPow).ulp_f64 == 1);
  check_pow<float>(1.1);
  check_pow<double>(1);
}

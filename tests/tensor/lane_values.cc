// What lanes give where the answer is one number: exact operations, special values, NaN.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/numbers.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::DType;
using hourglass::kernels::Lane;
using hourglass::kernels::lane_info;
using hourglass::testing::is_nan;
using lanes_testing::same;

template <class T>
constexpr bool kReal = std::is_floating_point_v<T>;

// C++'s operators, but for i32 on unsigned numbers, which wrap around.
template <class T, class F>
T wrapping(F&& f, T a, T b) {
  if constexpr (kReal<T>) {
    return f(a, b);
  } else {
    return static_cast<T>(f(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)));
  }
}

// A lane that rounds once or not at all: a, b, c are its inputs, or its input and two parameters.
template <class T>
struct Exact {
  Lane lane;
  std::function<T(T a, T b, T c)> expected;
};

template <class T>
std::vector<Exact<T>> exact_lanes() {
  return {
      {Lane::kAdd, [](T a, T b, T) { return wrapping(std::plus<>(), a, b); }},
      {Lane::kSubtract, [](T a, T b, T) { return wrapping(std::minus<>(), a, b); }},
      {Lane::kMultiply, [](T a, T b, T) { return wrapping(std::multiplies<>(), a, b); }},
      {Lane::kSquare, [](T a, T, T) { return wrapping(std::multiplies<>(), a, a); }},
      {Lane::kNegate, [](T a, T, T) { return kReal<T> ? -a : wrapping(std::minus<>(), T{0}, a); }},
      {Lane::kAbs,
       [](T a, T, T) {
         return std::signbit(static_cast<double>(a)) ? wrapping(std::minus<>(), T{0}, a) : a;
       }},
      {Lane::kSign, [](T a, T, T) { return a > 0   ? T{1}
                                           : a < 0 ? T(-1)
                                                   : a; }},
      {Lane::kRelu, [](T a, T, T) { return a < 0 ? T{0} : a; }},
      {Lane::kMaximum, [](T a, T b, T) { return is_nan(a) || a > b ? a : b; }},
      {Lane::kMinimum, [](T a, T b, T) { return is_nan(a) || a < b ? a : b; }},
      {Lane::kEqual, [](T a, T b, T) { return T(a == b); }},
      {Lane::kNotEqual, [](T a, T b, T) { return T(a != b); }},
      {Lane::kLess, [](T a, T b, T) { return T(a < b); }},
      {Lane::kLessEqual, [](T a, T b, T) { return T(a <= b); }},
      {Lane::kWhere, [](T a, T b, T c) { return a != 0 ? b : c; }},
  };
}

template <class T>
std::vector<Exact<T>> exact_real_lanes() {
  return {
      {Lane::kDivide, [](T a, T b, T) { return a / b; }},
      {Lane::kReciprocal, [](T a, T, T) { return 1 / a; }},
      {Lane::kSqrt, [](T a, T, T) { return std::sqrt(a); }},
      {Lane::kGate, [](T a, T b, T) { return b > 0 ? a : T{0}; }},
      {Lane::kLeakyRelu, [](T a, T, T) { return a > 0 ? a : T(-0.75) * a; }},
      {Lane::kClip, [](T a, T, T) { return a < T(-0.75) ? T(-0.75)
                                           : a > 2      ? T{2}
                                                        : a; }},
  };
}

// Each special number with each other, and a third input in step.
template <class T>
void check_exact(const std::vector<Exact<T>>& lanes) {
  const std::vector<T> numbers = lanes_testing::special_numbers<T>();
  std::vector<T> a, b, c;
  for (const T x : numbers) {
    for (const T y : numbers) {
      a.push_back(x);
      b.push_back(y);
      c.push_back(numbers[(a.size() * 7) % numbers.size()]);
    }
  }
  const double parameters[2] = {-0.75, 2};
  for (const Exact<T>& row : lanes) {
    CAPTURE(lane_info(row.lane).name);
    on_every_target([&](auto) {
      const std::vector<T> y = lanes_testing::run<T>(row.lane, {a, b, c}, parameters);
      for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(a[i]);
        CAPTURE(b[i]);
        const T expected = row.expected(a[i], b[i], c[i]);
        if (!same(y[i], expected)) CHECK(y[i] == expected);
      }
    });
  }
}

struct Special {
  Lane lane;
  double x, y;
};

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Values at the ends and at signed zeros, the same for f32 and f64.
const Special kSpecials[] = {
    {Lane::kExp, -kInf, 0},
    {Lane::kExp, kInf, kInf},
    {Lane::kExp, -0.0, 1},
    {Lane::kExp, 1e30, kInf},
    {Lane::kExp, -1e30, 0},
    {Lane::kExpm1, -kInf, -1},
    {Lane::kExpm1, kInf, kInf},
    {Lane::kExpm1, -0.0, -0.0},
    {Lane::kExpm1, -1e30, -1},
    {Lane::kExpm1, 1e-30, 1e-30},
    {Lane::kLog, 0, -kInf},
    {Lane::kLog, -0.0, -kInf},
    {Lane::kLog, 1, 0},
    {Lane::kLog, kInf, kInf},
    {Lane::kLog, -1e-30, kNan},
    {Lane::kLog, -kInf, kNan},
    {Lane::kLog1p, -1, -kInf},
    {Lane::kLog1p, -0.0, -0.0},
    {Lane::kLog1p, 1e-30, 1e-30},
    {Lane::kLog1p, kInf, kInf},
    {Lane::kLog1p, -1.5, kNan},
    {Lane::kLog1p, -kInf, kNan},
    {Lane::kRsqrt, 0, kInf},
    {Lane::kRsqrt, kInf, 0},
    {Lane::kRsqrt, -1, kNan},
    {Lane::kTanh, kInf, 1},
    {Lane::kTanh, -kInf, -1},
    {Lane::kTanh, -0.0, -0.0},
    {Lane::kTanh, 1e-30, 1e-30},
    {Lane::kTanh, 25, 1},
    {Lane::kSigmoid, kInf, 1},
    {Lane::kSigmoid, -kInf, 0},
    {Lane::kSigmoid, -0.0, 0.5},
    {Lane::kSoftplus, kInf, kInf},
    {Lane::kSoftplus, -kInf, 0},
    {Lane::kSoftplus, 1e30, 1e30},
    {Lane::kSin, kInf, kNan},
    {Lane::kSin, -0.0, -0.0},
    {Lane::kSin, 1e-30, 1e-30},
    {Lane::kCos, -kInf, kNan},
    {Lane::kCos, 0, 1},
    {Lane::kErf, kInf, 1},
    {Lane::kErf, -kInf, -1},
    {Lane::kErf, -0.0, -0.0},
    {Lane::kElu, -kInf, -1.25},
    {Lane::kElu, kInf, kInf},
    {Lane::kElu, -0.0, -0.0},
    {Lane::kSelu, kInf, kInf},
    {Lane::kSelu, -0.0, -0.0},
    {Lane::kSilu, -kInf, -0.0},
    {Lane::kSilu, kInf, kInf},
    {Lane::kSilu, -1e30, -0.0},
    {Lane::kSilu, -0.0, -0.0},
    {Lane::kGelu, -kInf, -0.0},
    {Lane::kGelu, kInf, kInf},
    {Lane::kGelu, -1e30, -0.0},
    {Lane::kGelu, -0.0, -0.0},
    {Lane::kGeluTanh, -kInf, -0.0},
    {Lane::kGeluTanh, kInf, kInf},
    {Lane::kGeluTanh, -1e30, -0.0},
    {Lane::kGeluTanh, -0.0, -0.0},
    {Lane::kSoftsign, kInf, 1},
    {Lane::kSoftsign, -kInf, -1},
    {Lane::kSoftsign, -0.0, -0.0},
    {Lane::kLogit, 0, -kInf},
    {Lane::kLogit, 1, kInf},
    {Lane::kLogit, 0.5, 0},
    {Lane::kLogit, -0.5, kNan},
    {Lane::kLogit, 1.5, kNan},
    {Lane::kLogit, kInf, kNan},
    {Lane::kLogit, -kInf, kNan},
};

template <class T>
void check_specials() {
  const double alpha = 1.25;
  for (const Special& row : kSpecials) {
    const T x = static_cast<T>(row.x), expected = static_cast<T>(row.y);
    const T y = lanes_testing::run<T>(row.lane, {{x}}, &alpha)[0];
    INFO(lane_info(row.lane).name, " of ", x, " gave ", y);
    CHECK(same(y, expected));
  }
}

// Positive normal numbers, alone and with a zero beside each, which takes the whole vector another
// way.
template <class T>
void check_log_beside_zeros() {
  const std::vector<T> x = lanes_testing::spread<T>(0.001, 30, 4096);
  std::vector<T> mixed = x;
  for (std::size_t i = 1; i < x.size(); i += 2) mixed[i] = 0;
  const std::vector<T> y = lanes_testing::run<T>(Lane::kLog, {x});
  const std::vector<T> z = lanes_testing::run<T>(Lane::kLog, {mixed});
  bool equal = true, infinite = true;
  for (std::size_t i = 0; i < x.size(); i += 2) {
    equal = equal && same(y[i], z[i]);
    infinite = infinite && same(z[i + 1], -std::numeric_limits<T>::infinity());
  }
  CHECK(equal);
  CHECK(infinite);
}

// Where the function comes near its bound (in f32 all numbers there are), and everywhere else.
template <class T>
void check_bounds(Lane lane, T low, T high) {
  std::vector<T> x = lanes_testing::spread<T>(4, 40, 100000);
  if constexpr (sizeof(T) == 4) {
    for (T value = 7; value < T(9.1); value = std::nextafter(value, T(10))) x.push_back(value);
  }
  for (const T value : lanes_testing::spread<T>(4, 40, 10000)) x.push_back(-value);
  for (const T value : lanes_testing::all_kinds<T>(20000)) {
    if (!is_nan(value)) x.push_back(value);
  }
  const std::vector<T> y = lanes_testing::run<T>(lane, {x});
  T least = y[0], largest = y[0];
  for (std::size_t i = 0; i < x.size(); ++i) {
    least = y[i] < least ? y[i] : least;
    largest = y[i] > largest ? y[i] : largest;
    if (is_nan(y[i])) CHECK(!is_nan(y[i]));
  }
  CHECK(least == low);
  CHECK(largest == high);
}

// A NaN in input k of a lane, ordinary numbers in the others.
template <class T>
T with_nan(Lane lane, int k) {
  std::vector<std::vector<T>> inputs;
  for (int i = 0; i < lane_info(lane).inputs; ++i) {
    inputs.push_back({i == k ? std::numeric_limits<T>::quiet_NaN() : T(0.5)});
  }
  const double parameters[2] = {-0.5, 2};
  return lanes_testing::run<T>(lane, inputs, parameters)[0];
}

// std::pow's own answers, for exponents with a loop of their own too.
template <class T>
void check_pow() {
  const std::vector<T> numbers = lanes_testing::joined(
      lanes_testing::special_numbers<T>(), {T(16777215), T(-16777215), T(-2.5), T(-1.5)});
  for (const T x : numbers) {
    for (const T y : numbers) {
      const T expected = std::pow(x, y);
      const T z = lanes_testing::run<T>(Lane::kPow, {{x}, {y}})[0];
      const double exponent = static_cast<double>(y);
      const T scalar = lanes_testing::run<T>(Lane::kPowScalar, {{x}}, &exponent)[0];
      INFO("pow(", x, ", ", y, ") gave ", z, " and ", scalar, " for ", expected);
      // An ULP of the library's and one of ours.
      CHECK((same(z, expected) || lanes_testing::ulp_error(z, expected) <= 2));
      CHECK((same(scalar, expected) || lanes_testing::ulp_error(scalar, expected) <= 2));
      CHECK((std::isnan(z) || std::signbit(z) == std::signbit(expected)));
    }
  }
}

}  // namespace

TEST_CASE("a lane that rounds once gives what the C++ operator gives, in i32 modulo 2^32") {
  check_exact(exact_lanes<float>());
  check_exact(exact_lanes<double>());
  check_exact(exact_lanes<std::int32_t>());
  check_exact(exact_real_lanes<float>());
  check_exact(exact_real_lanes<double>());
}

TEST_CASE("infinities, signed zeros and tiny numbers go where mathematics sends them") {
  on_every_target([](auto) {
    check_specials<float>();
    check_specials<double>();
  });
}

TEST_CASE("tanh and sigmoid reach their bounds and never pass them") {
  on_every_target([](auto) {
    check_bounds<float>(Lane::kTanh, -1, 1);
    check_bounds<double>(Lane::kTanh, -1, 1);
    check_bounds<float>(Lane::kSigmoid, 0, 1);
    check_bounds<double>(Lane::kSigmoid, 0, 1);
  });
}

TEST_CASE("a logarithm does not depend on what stands beside it") {
  on_every_target([](auto) {
    check_log_beside_zeros<float>();
    check_log_beside_zeros<double>();
  });
}

TEST_CASE("a NaN in any input is a NaN in the output, but for masks and x^0") {
  for (const Lane lane : lanes_testing::all_lanes()) {
    if (lane >= Lane::kEqual) continue;
    CAPTURE(lane_info(lane).name);
    on_every_target([&](auto) {
      for (int k = 0; k < lane_info(lane).inputs; ++k) {
        CHECK(std::isnan(with_nan<float>(lane, k)));
        CHECK(std::isnan(with_nan<double>(lane, k)));
      }
    });
  }
}

TEST_CASE("pow is std::pow in every special case") {
  on_every_target([](auto) {
    check_pow<float>();
    check_pow<double>();
  });
}

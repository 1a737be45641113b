// Kernels that do several lanes in one pass have the bits of those lanes one after the other.

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

namespace kernels = hourglass::kernels;
using hourglass::DType;
using hourglass::dtype_of;
using kernels::Lane;
using kernels::LaneFunction;

template <class F>
bool exists(F f) {
  return f != nullptr;
}

template <class T>
using Arrays = std::vector<std::vector<T>>;

template <class T>
Arrays<T> make_arrays(std::size_t count, std::size_t n) {
  Arrays<T> arrays;
  for (std::size_t k = 0; k < count; ++k) {
    const std::vector<T> special = lanes_testing::special_numbers<T>();
    std::vector<T> x = lanes_testing::spread<T>(-3, 4, n);
    for (std::size_t i = 0; i < n; i += 3) x[i] = special[(i * (k + 2) + k) % special.size()];
    arrays.push_back(x);
  }
  return arrays;
}

template <class T>
std::vector<T> call(LaneFunction f, const Arrays<T>& x) {
  std::vector<const void*> inputs;
  for (const std::vector<T>& input : x) inputs.push_back(input.data());
  std::vector<T> y(x[0].size());
  f(inputs.data(), y.data(), y.size(), nullptr);
  return y;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!lanes_testing::same(a[i], b[i])) return false;
  }
  return true;
}

constexpr Lane kFirst[] = {Lane::kAdd, Lane::kSubtract, Lane::kMultiply};
constexpr Lane kSecond[] = {Lane::kDivide};
constexpr Lane kSecondUnary[] = {Lane::kSqrt, Lane::kSquare, Lane::kRelu};

TEST_CASE_TEMPLATE("a pair of lanes in one pass has the bits of the two", T, float, double) {
  const Arrays<T> x = make_arrays<T>(4, 101);
  on_every_target([&](auto) {
    for (const Lane first : kFirst) {
      const std::vector<T> inner = lanes_testing::run<T>(first, {x[0], x[1]});
      for (const bool swapped : {false, true}) {
        for (const Lane second : kSecond) {
          const LaneFunction pair = kernels::lane_pair(first, second, swapped, dtype_of<T>());
          REQUIRE(exists(pair));
          const Arrays<T> outer = swapped ? Arrays<T>{x[2], inner} : Arrays<T>{inner, x[2]};
          CHECK(same(call<T>(pair, {x[0], x[1], x[2]}), lanes_testing::run<T>(second, outer)));
        }
      }
      for (const Lane second : kSecondUnary) {
        const LaneFunction pair = kernels::lane_pair(first, second, false, dtype_of<T>());
        REQUIRE(exists(pair));
        CHECK(same(call<T>(pair, {x[0], x[1]}), lanes_testing::run<T>(second, {inner})));
      }
    }
    for (const Lane join : {Lane::kAdd, Lane::kSubtract}) {
      const std::vector<T> left = lanes_testing::run<T>(Lane::kMultiply, {x[0], x[1]});
      const std::vector<T> right = lanes_testing::run<T>(Lane::kMultiply, {x[2], x[3]});
      CHECK(same(call<T>(kernels::lane_products(join, dtype_of<T>()), x),
                 lanes_testing::run<T>(join, {left, right})));
    }
  });
}

TEST_CASE("there are no pairs of other lanes or of integers") {
  CHECK_FALSE(exists(kernels::lane_pair(Lane::kTanh, Lane::kAdd, false, DType::kF32)));
  CHECK_FALSE(exists(kernels::lane_pair(Lane::kAdd, Lane::kTanh, false, DType::kF32)));
  CHECK_FALSE(exists(kernels::lane_pair(Lane::kAdd, Lane::kDivide, false, DType::kI32)));
  CHECK_FALSE(exists(kernels::lane_products(Lane::kMultiply, DType::kF32)));
  CHECK_FALSE(exists(kernels::adam_function(DType::kI32)));
}

template <class T>
std::vector<T> lane(Lane which, const std::vector<T>& a, const std::vector<T>& b) {
  return lanes_testing::run<T>(which, {a, b});
}

TEST_CASE_TEMPLATE("Adam in one pass has the bits of its lanes", T, float, double) {
  const Lane mul = Lane::kMultiply, add = Lane::kAdd;
  for (const std::size_t n : {1u, 3u, 16u, 45u, 128u}) {
    const Arrays<T> x = {lanes_testing::spread<T>(-3, 3, n), lanes_testing::spread<T>(0, 2, n),
                         lanes_testing::spread<T>(-5, 4, n), lanes_testing::spread<T>(-1, 1, n)};
    const std::vector<T> scalars = {T(0.9), T(0.1), T(0.999), T(0.001),
                                    T(1.7), T(8.1), T(1e-8),  T(0.01)};
    on_every_target([&](auto) {
      const auto all = [&](std::size_t k) { return std::vector<T>(n, scalars[k]); };
      const std::vector<T> m = lane(add, lane(mul, all(0), x[0]), lane(mul, all(1), x[2]));
      const std::vector<T> v =
          lane(add, lane(mul, all(2), x[1]), lane(mul, all(3), lane(mul, x[2], x[2])));
      const std::vector<T> root =
          lane(add, lanes_testing::run<T>(Lane::kSqrt, {lane(mul, all(5), v)}), all(6));
      const std::vector<T> p =
          lane(Lane::kSubtract, x[3],
               lane(mul, all(7), lane(Lane::kDivide, lane(mul, all(4), m), root)));
      Arrays<T> in_place = x;
      std::vector<const void*> inputs;
      for (const std::vector<T>& a : in_place) inputs.push_back(a.data());
      for (const T& s : scalars) inputs.push_back(&s);
      void* const outputs[] = {in_place[0].data(), in_place[1].data(), in_place[3].data()};
      CHECK(kernels::adam_function(dtype_of<T>())(inputs.data(), outputs, n));
      CHECK(same(in_place[0], m));
      CHECK(same(in_place[1], v));
      CHECK(same(in_place[3], p));
      in_place[2][n - 1] = std::numeric_limits<T>::infinity();
      CHECK_FALSE(kernels::adam_function(dtype_of<T>())(inputs.data(), outputs, n));
    });
  }
}

TEST_CASE_TEMPLATE("all_finite finds a single bad number anywhere", T, float, double) {
  on_every_target([&](auto) {
    for (std::size_t n = 0; n <= 67; ++n) {
      std::vector<T> x(n, std::numeric_limits<T>::max());
      CHECK(kernels::all_finite(dtype_of<T>(), x.data(), static_cast<std::int64_t>(n)));
      for (std::size_t i = 0; i < n; ++i) {
        for (const T bad : {std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(),
                            std::numeric_limits<T>::quiet_NaN()}) {
          const T good = x[i];
          x[i] = bad;
          const auto count = static_cast<std::int64_t>(n);
          if (kernels::all_finite(dtype_of<T>(), x.data(), count)) FAIL("missed at ", i, " of ", n);
          x[i] = good;
        }
      }
    }
  });
  CHECK(kernels::all_finite(DType::kI32, nullptr, 0));
}

}  // namespace

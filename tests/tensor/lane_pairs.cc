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
}

// Every register of an update: positive arrays, scalars spread out, then its lanes one by one.
template <class T>
Arrays<T> registers_of(const kernels::FusedUpdate& update, std::size_t n) {
  Arrays<T> registers;
  for (int k = 0; k < update.arrays; ++k) {
    registers.push_back(lanes_testing::spread<T>(T(0.1), T(2 + k), n));
  }
  for (int k = 0; k < update.scalars; ++k) registers.emplace_back(n, T(0.3) + T(0.17) * T(k));
  for (const kernels::FusedUpdate::Step& step : update.steps) {
    Arrays<T> operands;
    for (int i = 0; i < kernels::lane_info(step.lane).inputs; ++i) {
      operands.push_back(
          registers[static_cast<std::size_t>(step.operands[static_cast<std::size_t>(i)])]);
    }
    registers.push_back(lanes_testing::run<T>(step.lane, operands));
  }
  return registers;
}

template <class T>
void check_update(const kernels::FusedUpdate& update, std::size_t n) {
  const Arrays<T> registers = registers_of<T>(update, n);
  const auto arrays = static_cast<std::size_t>(update.arrays), count = update.results.size();
  for (const bool in_place : {false, true}) {
    Arrays<T> x = registers, y(count, std::vector<T>(n));
    std::vector<const void*> inputs;
    for (std::size_t k = 0; k < arrays + static_cast<std::size_t>(update.scalars); ++k) {
      inputs.push_back(x[k].data());
    }
    std::vector<void*> outputs;
    for (std::size_t k = 0; k < count; ++k) {
      outputs.push_back(in_place && k < arrays ? x[k].data() : y[k].data());
    }
    CHECK(update.function(dtype_of<T>())(inputs.data(), outputs.data(), n));
    for (std::size_t k = 0; k < count; ++k) {
      CHECK(same(in_place && k < arrays ? x[k] : y[k],
                 registers[static_cast<std::size_t>(update.results[k])]));
    }
    x[0][n - 1] = std::numeric_limits<T>::infinity();
    CHECK_FALSE(update.function(dtype_of<T>())(inputs.data(), outputs.data(), n));
  }
}

TEST_CASE_TEMPLATE("a fused update in one pass has the bits of its lanes", T, float, double) {
  CHECK_FALSE(kernels::fused_updates().empty());
  for (const kernels::FusedUpdate& update : kernels::fused_updates()) {
    CAPTURE(update.name);
    CHECK_FALSE(exists(update.function(DType::kI32)));
    CHECK(update.results.back() ==
          update.arrays + update.scalars + static_cast<int>(update.steps.size()) - 1);
    for (const std::size_t n : {1u, 3u, 16u, 45u, 128u}) {
      on_every_target([&](auto) { check_update<T>(update, n); });
    }
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

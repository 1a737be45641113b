#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <type_traits>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"

namespace kernels = hourglass::kernels;
using hourglass::testing::is_nan;

namespace {

// Numbers with many ties, both zeros, infinities and NaN of both signs.
template <class T>
std::vector<T> awkward_numbers(std::int64_t n, std::mt19937& random) {
  std::vector<T> x(static_cast<std::size_t>(n));
  for (T& value : x) {
    value = static_cast<T>(static_cast<double>(random() % 4000) / 16 - 100);
    if constexpr (std::is_floating_point_v<T>) {
      using Limits = std::numeric_limits<T>;
      constexpr T kSpecial[] = {T{0},
                                -T{0},
                                Limits::infinity(),
                                -Limits::infinity(),
                                Limits::quiet_NaN(),
                                -Limits::quiet_NaN(),
                                Limits::denorm_min(),
                                Limits::lowest()};
      if (random() % 4 == 0) value = kSpecial[random() % std::size(kSpecial)];
    } else if constexpr (std::is_signed_v<T>) {
      if (random() % 8 == 0) value = std::numeric_limits<T>::min();
      if (random() % 8 == 0) value = std::numeric_limits<T>::max();
    }
  }
  return x;
}

// The indices of a row, by a stable sort with `before` on numbers.
template <class T, class Before>
std::vector<std::int32_t> stable_order(const T* row, std::int64_t n, Before&& before) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return before(row[a], row[b]); });
  return order;
}

template <class T>
bool ascending(T a, T b) {
  return is_nan(b) ? !is_nan(a) : a < b;
}
template <class T>
bool descending(T a, T b) {
  return is_nan(b) ? !is_nan(a) : a > b;
}
template <class T>
bool largest_first(T a, T b) {
  return is_nan(a) ? !is_nan(b) : a > b;
}

template <class T>
void check_sorts(std::int64_t rows, std::int64_t n, std::mt19937& random) {
  const auto dtype = hourglass::dtype_of<T>();
  const auto x = awkward_numbers<T>(rows * n, random);
  const auto total = static_cast<std::size_t>(rows * n);
  std::vector<std::int32_t> up(total + 1, -9), down(total + 1, -9);
  kernels::argsort(dtype, x.data(), rows, n, false, up.data());
  kernels::argsort(dtype, x.data(), rows, n, true, down.data());
  for (std::int64_t row = 0; row < rows; ++row) {
    const T* numbers = x.data() + row * n;
    const auto expected_up = stable_order(numbers, n, ascending<T>);
    const auto expected_down = stable_order(numbers, n, descending<T>);
    REQUIRE(std::equal(expected_up.begin(), expected_up.end(), up.begin() + row * n));
    REQUIRE(std::equal(expected_down.begin(), expected_down.end(), down.begin() + row * n));
  }
  CHECK(up.back() == -9);
  CHECK(down.back() == -9);

  std::vector<std::int32_t> largest;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto order = stable_order(x.data() + row * n, n, largest_first<T>);
    largest.insert(largest.end(), order.begin(), order.end());
  }
  for (const std::int64_t k : {std::int64_t{0}, std::int64_t{1}, n / 50, n / 8, n / 3, n}) {
    if (k > n) continue;
    std::vector<std::int32_t> top(static_cast<std::size_t>(rows * k) + 1, -9);
    kernels::top_k(dtype, x.data(), rows, n, k, top.data());
    for (std::int64_t row = 0; row < rows; ++row) {
      CAPTURE(k);
      REQUIRE(std::equal(top.begin() + row * k, top.begin() + (row + 1) * k,
                         largest.begin() + row * n));
    }
    CHECK(top.back() == -9);
  }
}

}  // namespace

TEST_CASE("argsort and top_k order every dtype stably, NaN last in a sort and first in top_k") {
  std::mt19937 random(1);
  constexpr std::int64_t kRows[][2] = {{1, 0},  {0, 4},  {1, 1},   {3, 2},    {5, 17},
                                       {4, 47}, {4, 48}, {2, 511}, {40, 300}, {3, 7001}};
  for (const int threads : {1, 2}) {
    const hourglass::ThreadScope scope(threads);
    for (const auto& sizes : kRows) {
      const std::int64_t rows = sizes[0], n = sizes[1];  // not a binding: CAPTURE makes a lambda
      CAPTURE(n);
      check_sorts<float>(rows, n, random);
      check_sorts<double>(rows, n, random);
      check_sorts<std::int32_t>(rows, n, random);
      check_sorts<std::uint8_t>(rows, n, random);
    }
  }
}

TEST_CASE("sorted numbers, equal numbers and few numbers at the end are no special case") {
  constexpr std::int64_t n = 3000;
  std::vector<float> x(n, 1.0f);
  std::vector<std::int32_t> indices(n), expected(n);
  std::iota(expected.begin(), expected.end(), 0);
  kernels::argsort(hourglass::DType::kF32, x.data(), 1, n, true, indices.data());
  CHECK(indices == expected);
  std::iota(x.begin(), x.end(), -7.0f);  // ascending: top_k takes every number in
  std::reverse(expected.begin(), expected.end());
  for (const std::int64_t k : {3, 300, 2000}) {
    kernels::top_k(hourglass::DType::kF32, x.data(), 1, n, k, indices.data());
    CHECK(std::equal(indices.begin(), indices.begin() + k, expected.begin()));
  }
}

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"

namespace {

using hourglass::dtype_of;
using hourglass::ThreadScope;
using hourglass::testing::Extents;
using hourglass::testing::kGuard;

template <class T>
std::vector<T> run(const Extents& c, const std::vector<T>& x, bool exclusive, bool reverse) {
  std::vector<T> y(x.size() + 2 * kGuard, T{77});
  hourglass::kernels::cumsum(dtype_of<T>(), x.data(), y.data() + kGuard, c.outer, c.n, c.inner,
                             exclusive, reverse);
  for (std::size_t i = 0; i < kGuard; ++i) CHECK((y[i] == T{77} && y[y.size() - 1 - i] == T{77}));
  return {y.begin() + kGuard, y.end() - kGuard};
}

// A running sum in f64, rounded once: f32 and i32 must match it to the bit.
template <class T>
std::vector<T> expected(const Extents& c, const std::vector<T>& x, bool exclusive, bool reverse) {
  std::vector<T> y(x.size());
  for (std::int64_t o = 0; o < c.outer; ++o) {
    for (std::int64_t i = 0; i < c.inner; ++i) {
      double sum = 0;
      for (std::int64_t step = 0; step < c.n; ++step) {
        const std::int64_t j = reverse ? c.n - 1 - step : step;
        const std::size_t at = static_cast<std::size_t>((o * c.n + j) * c.inner + i);
        if (exclusive) y[at] = static_cast<T>(sum);
        sum += static_cast<double>(x[at]);
        if (!exclusive) y[at] = static_cast<T>(sum);
      }
    }
  }
  return y;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "a running sum is a plain loop in f64, in any direction, on any number of threads", T, float,
    double, std::int32_t) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> uniform(-100, 100);
  for (const Extents& c : {Extents{1, 1, 1},
                           {1, 100, 1},
                           {3, 7, 1},
                           {9, 33, 1},
                           {1, 5, 3},
                           {2, 9, 300},
                           {4, 6, 5},
                           {2000, 40, 1},
                           {2, 700, 513}}) {
    std::vector<T> x(static_cast<std::size_t>(c.outer * c.n * c.inner));
    for (T& value : x) value = static_cast<T>(uniform(generator));
    for (int flags = 0; flags < 4; ++flags) {
      const bool exclusive = (flags & 1) != 0, reverse = (flags & 2) != 0;
      INFO(fmt::format("[{}, {}, {}] exclusive {} reverse {}", c.outer, c.n, c.inner, exclusive,
                       reverse));
      for (const int threads : {1, 3}) {
        const ThreadScope scope(threads);
        CHECK(run<T>(c, x, exclusive, reverse) == expected<T>(c, x, exclusive, reverse));
      }
    }
  }
}

TEST_CASE("a running sum of i32 wraps around, a running sum of nothing writes nothing") {
  const std::int32_t top = std::numeric_limits<std::int32_t>::max();
  CHECK(run<std::int32_t>({1, 2, 1}, {top, 1}, false, false)[1] ==
        std::numeric_limits<std::int32_t>::min());
  CHECK(run<float>({2, 0, 3}, {}, false, false).empty());
  CHECK(run<float>({0, 2, 3}, {}, true, true).empty());
}

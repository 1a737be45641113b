#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::dtype_of;
using hourglass::ThreadScope;
using hourglass::kernels::Reduction;
using hourglass::testing::Extents;
using hourglass::testing::kGuard;

constexpr Reduction kAll[] = {Reduction::kSum, Reduction::kProd,   Reduction::kMax,
                              Reduction::kMin, Reduction::kArgmax, Reduction::kArgmin};

bool is_arg(Reduction r) { return r == Reduction::kArgmax || r == Reduction::kArgmin; }

// Reals in [-1, 1] or around 1 for products; small integers, so that extremes have equals.
template <class T>
std::vector<T> make_numbers(Reduction reduction, std::int64_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> x(static_cast<std::size_t>(n));
  for (T& value : x) {
    const double u = uniform(generator);
    if (reduction == Reduction::kProd) {
      value = std::is_integral_v<T> ? static_cast<T>(u > 0 ? 1 : -1) : static_cast<T>(1 + u / 64);
    } else if (std::is_integral_v<T> || is_arg(reduction)) {
      value = static_cast<T>(std::floor(u * 9));
    } else {
      value = static_cast<T>(u);
    }
  }
  return x;
}

// y between guard words, both x and y `shift` elements away from alignment.
template <class Y, class T>
std::vector<Y> run(Reduction reduction, const Extents& s, const std::vector<T>& x,
                   std::size_t shift = 0) {
  std::vector<T> moved(shift, T{77});
  moved.insert(moved.end(), x.begin(), x.end());
  const std::size_t n = static_cast<std::size_t>(s.outer * s.inner);
  std::vector<Y> y(n + 2 * kGuard + shift, Y{77});
  Y* const begin = y.data() + kGuard + shift;
  hourglass::kernels::reduce(reduction, dtype_of<T>(), moved.data() + shift, begin, s.outer, s.n,
                             s.inner);
  bool guarded = true;
  for (std::size_t i = 0; i < kGuard; ++i) {
    guarded = guarded && y[i + shift] == Y{77} && y[y.size() - 1 - i] == Y{77};
  }
  CHECK(guarded);
  return {begin, begin + n};
}

template <class T>
bool beats(Reduction reduction, T value, T best) {
  if (value != value) return best == best;
  return reduction == Reduction::kMax || reduction == Reduction::kArgmax ? value > best
                                                                         : value < best;
}

// The adds of one element on the way to the result, at most: 16 in a stream, 2 + 5 + 4 up the tree
// of a block of 2^15, and the same again for every level above.
double depth(std::int64_t n) {
  double adds = 27;
  for (std::int64_t left = n; left > 512; left /= 512) adds += 27;
  return adds;
}

template <class T>
bool row_is_right(Reduction reduction, const Extents& s, const T* x, double got) {
  long double sum = 0, scale = 0, product = 1;
  std::int64_t best = 0;
  for (std::int64_t j = 0; j < s.n; ++j) {
    const T value = x[j * s.inner];
    sum += static_cast<long double>(value);
    scale += std::abs(static_cast<long double>(value));
    product *= static_cast<long double>(value);
    if (beats(reduction, value, x[best * s.inner])) best = j;
  }
  const double epsilon =
      std::is_integral_v<T> ? 0 : static_cast<double>(std::numeric_limits<T>::epsilon());
  if (reduction == Reduction::kSum) {
    return std::abs(got - static_cast<double>(sum)) <=
           depth(s.n) / 2 * epsilon * static_cast<double>(scale);
  }
  if (reduction == Reduction::kProd) {
    return std::abs(got / static_cast<double>(product) - 1) <=
           static_cast<double>(s.n) / 2 * epsilon;
  }
  if (is_arg(reduction)) return got == static_cast<double>(best);
  return got == static_cast<double>(x[best * s.inner]);
}

template <class T>
void check_reduction(Reduction reduction, const Extents& s, std::size_t shift) {
  INFO(fmt::format("{} reduction {} of [{}, {}, {}] shifted by {}", name_of(dtype_of<T>()),
                   static_cast<int>(reduction), s.outer, s.n, s.inner, shift));
  const std::vector<T> x =
      make_numbers<T>(reduction, s.elements(), static_cast<unsigned>(s.elements()));
  std::vector<double> y;
  if (is_arg(reduction)) {
    for (const std::int32_t value : run<std::int32_t>(reduction, s, x, shift)) y.push_back(value);
  } else {
    for (const T value : run<T>(reduction, s, x, shift)) y.push_back(static_cast<double>(value));
  }
  std::int64_t wrong = 0;
  for (std::int64_t o = 0; o < s.outer; ++o) {
    for (std::int64_t i = 0; i < s.inner; ++i) {
      const T* column = x.data() + o * s.n * s.inner + i;
      wrong +=
          row_is_right(reduction, s, column, y[static_cast<std::size_t>(o * s.inner + i)]) ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

template <class T>
void check_all(const Extents& s, std::size_t shift) {
  for (const Reduction reduction : kAll) check_reduction<T>(reduction, s, shift);
}

const Extents kExtents[] = {
    {1, 1023, 1},    {1, 1024, 1},   {1, 1025, 1},  {1, 2049, 1}, {1, 7177, 1}, {1, 32768, 1},
    {1, 32769, 1},   {1, 131080, 1}, {3, 40000, 1}, {257, 10, 1}, {129, 36, 1}, {17, 784, 1},
    {1, 2, 67},      {1, 7, 36},     {1, 8, 1000},  {1, 9, 1025}, {1, 64, 33},  {1, 128, 1000},
    {1, 511, 3},     {1, 513, 10},   {1, 5000, 17}, {5, 3, 4},    {6, 16, 49},  {3, 600, 5},
    {2, 1100, 1030}, {700, 5, 2}};

}  // namespace

TEST_CASE_TEMPLATE("a row reduction of any length, aligned or not, is that of a plain loop", T,
                   float, double, std::int32_t) {
  for (std::int64_t n = 1; n <= 131; ++n) check_all<T>({3, n, 1}, static_cast<std::size_t>(n % 5));
}

TEST_CASE_TEMPLATE("a column reduction of any width, aligned or not, is that of a plain loop", T,
                   float, double, std::int32_t) {
  for (std::int64_t inner = 2; inner <= 67; ++inner)
    check_all<T>({1, inner % 23 + 1, inner}, static_cast<std::size_t>(inner % 5));
}

TEST_CASE_TEMPLATE("a reduction over blocks, tiles and outer axes is that of a plain loop", T,
                   float, double, std::int32_t) {
  for (const Extents& s : kExtents) check_all<T>(s, 1);
}

TEST_CASE_TEMPLATE("a reduction has the same bits on any number of threads and anywhere in memory",
                   T, float, double) {
  for (const Extents& s : kExtents) {
    for (const Reduction reduction : {Reduction::kSum, Reduction::kProd}) {
      const std::vector<T> x = make_numbers<T>(reduction, s.elements(), 5);
      const std::vector<T> one = run<T>(reduction, s, x);
      for (const int threads : {1, 2, 3, 8}) {
        const ThreadScope scope(threads);
        const std::vector<T> many = run<T>(reduction, s, x, static_cast<std::size_t>(threads));
        CHECK(std::memcmp(one.data(), many.data(), one.size() * sizeof(T)) == 0);
      }
    }
  }
}

TEST_CASE_TEMPLATE("a reduction has the same bits on every CPU target", T, float, double) {
  std::vector<Extents> sizes(std::begin(kExtents), std::end(kExtents));
  for (std::int64_t n = 1; n <= 67; ++n) sizes.insert(sizes.end(), {{2, n, 1}, {1, n % 19 + 1, n}});
  for (const Extents& s : sizes) {
    const std::vector<T> x = make_numbers<T>(Reduction::kSum, s.elements(), 6);
    for (const Reduction reduction :
         {Reduction::kSum, Reduction::kProd, Reduction::kMax, Reduction::kMin}) {
      std::vector<T> best;
      for (const std::string_view target : hourglass::kernels::cpu_targets()) {
        hourglass::kernels::set_cpu_target(target);
        const std::vector<T> y = run<T>(reduction, s, x, 3);
        if (best.empty()) best = y;
        CHECK(std::memcmp(best.data(), y.data(), y.size() * sizeof(T)) == 0);
      }
    }
  }
  hourglass::kernels::set_cpu_target("best");
}

TEST_CASE_TEMPLATE("on every CPU target a reduction is that of a plain loop", T, float, double,
                   std::int32_t) {
  for (const std::string_view target : hourglass::kernels::cpu_targets()) {
    hourglass::kernels::set_cpu_target(target);
    for (const Extents& s : {Extents{3, 37, 1}, Extents{1, 2100, 1}, Extents{2, 19, 21}})
      check_all<T>(s, 1);
  }
  hourglass::kernels::set_cpu_target("best");
}

TEST_CASE("a row's sum does not depend on the rows beside it") {
  const std::vector<float> x = make_numbers<float>(Reduction::kSum, 3 * 40000, 9);
  const std::vector<float> rows = run<float>(Reduction::kSum, {3, 40000, 1}, x);
  const std::vector<float> last(x.begin() + 80000, x.end());
  CHECK(run<float>(Reduction::kSum, {1, 40000, 1}, last)[0] == rows[2]);
}

TEST_CASE_TEMPLATE("many short rows are reduced to the bits of each by itself", T, float, double,
                   std::int32_t) {
  constexpr std::int64_t kRows = 53;
  for (std::int64_t n = 2; n <= 6; ++n) {
    for (const Reduction reduction :
         {Reduction::kSum, Reduction::kProd, Reduction::kMax, Reduction::kMin}) {
      const std::vector<T> x = make_numbers<T>(reduction, kRows * n, 10);
      std::vector<T> each;
      for (std::int64_t r = 0; r < kRows; ++r) {
        const std::vector<T> row(x.begin() + r * n, x.begin() + (r + 1) * n);
        each.push_back(run<T>(reduction, {1, n, 1}, row)[0]);
      }
      on_every_target([&](std::string_view) {
        CHECK(run<T>(reduction, {kRows, n, 1}, x, 1) == each);
      });
    }
  }
}

TEST_CASE("a sum of ten million equal numbers keeps its digits") {
  const std::vector<float> x(10'000'000, 0.1F);
  CHECK(run<float>(Reduction::kSum, {1, 10'000'000, 1}, x)[0] ==
        doctest::Approx(1e6).epsilon(1e-6));
  CHECK(run<float>(Reduction::kSum, {1, 1'000'000, 10}, x)[9] ==
        doctest::Approx(1e5).epsilon(1e-6));
}

TEST_CASE_TEMPLATE("nothing sums to 0 and multiplies to 1, and no rows write nothing", T, float,
                   double, std::int32_t) {
  const std::vector<T> none;
  CHECK(run<T>(Reduction::kSum, {2, 0, 3}, none) == std::vector<T>(6, T{0}));
  CHECK(run<T>(Reduction::kProd, {2, 0, 1}, none) == std::vector<T>(2, T{1}));
  CHECK(run<T>(Reduction::kSum, {0, 5, 3}, none).empty());
  CHECK(run<T>(Reduction::kMax, {3, 5, 0}, none).empty());
}

TEST_CASE("i32 sums wrap around") {
  const std::vector<std::int32_t> x{std::numeric_limits<std::int32_t>::max(), 1, 1};
  CHECK(run<std::int32_t>(Reduction::kSum, {1, 3, 1}, x)[0] ==
        std::numeric_limits<std::int32_t>::min() + 1);
}

TEST_CASE_TEMPLATE("a NaN wins every extreme, and the first NaN is the index", T, float, double) {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const Extents& s : {Extents{2, 40, 1}, Extents{2, 3000, 1}, Extents{1, 70000, 1},
                           Extents{2, 40, 3}, Extents{1, 1200, 21}}) {
    for (const std::int64_t place : {std::int64_t{0}, s.n / 3, s.n - 1}) {
      std::vector<T> x = make_numbers<T>(Reduction::kMax, s.elements(), 3);
      x[static_cast<std::size_t>(place * s.inner)] = nan;
      x[static_cast<std::size_t>((s.n - 1) * s.inner)] = nan;
      for (const Reduction reduction : {Reduction::kMax, Reduction::kMin}) {
        const std::vector<T> y = run<T>(reduction, s, x);
        CHECK(std::isnan(y[0]));
        CHECK(std::none_of(y.begin() + 1, y.end(), [](T value) { return std::isnan(value); }));
      }
      CHECK(run<std::int32_t>(Reduction::kArgmax, s, x)[0] == place);
      CHECK(run<std::int32_t>(Reduction::kArgmin, s, x)[0] == place);
    }
  }
}

TEST_CASE_TEMPLATE("infinities are ordinary numbers to an extreme", T, float, double,
                   std::int32_t) {
  using Limits = std::numeric_limits<T>;
  const T low = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  const T high = Limits::has_infinity ? Limits::infinity() : Limits::max();
  for (const std::int64_t n : {1, 5, 16, 17, 100, 40000}) {
    const std::vector<T> lows(static_cast<std::size_t>(n), low),
        highs(static_cast<std::size_t>(n), high);
    CHECK(run<T>(Reduction::kMax, {1, n, 1}, lows)[0] == low);
    CHECK(run<T>(Reduction::kMin, {1, n, 1}, highs)[0] == high);
    CHECK(run<std::int32_t>(Reduction::kArgmax, {1, n, 1}, lows)[0] == 0);
    CHECK(run<std::int32_t>(Reduction::kArgmin, {1, n, 1}, highs)[0] == 0);
  }
}

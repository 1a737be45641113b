#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"

namespace kernels = hourglass::kernels;
using hourglass::DType;
using hourglass::Error;
using hourglass::testing::at;

namespace {

struct TakeSizes {
  std::int64_t outer, n, inner, count;
};

constexpr TakeSizes kTakeSizes[] = {
    {1, 5, 1, 9},     {3, 4, 7, 11},     {2, 1, 65, 3},    {0, 4, 3, 2},
    {2, 4, 0, 2},     {2, 4, 3, 0},      {1, 0, 3, 0},     {1, 10, 300, 2000},
    {5, 40, 129, 60}, {300, 30, 40, 25}, {40000, 3, 1, 5}, {1, 3, 70000, 5},
};

template <class T>
std::vector<T> random_multiples(std::int64_t n, std::mt19937& random) {
  std::vector<T> x(static_cast<std::size_t>(n));
  for (T& value : x) value = static_cast<T>(static_cast<double>(random()) * 0x1p-20);
  return x;
}

std::vector<std::int32_t> random_indices(std::int64_t count, std::int64_t n, std::mt19937& random) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
  for (auto& index : indices) index = static_cast<std::int32_t>(random() % n);
  return indices;
}

template <class T>
void check_take_and_scatter(const TakeSizes& s, std::mt19937& random) {
  const DType dtype = hourglass::dtype_of<T>();
  const auto indices = random_indices(s.count, s.n, random);
  const auto x = random_multiples<T>(s.outer * s.n * s.inner, random);
  std::vector<T> y(at(s.outer * s.count * s.inner) + 1, T{77}), expected_y = y;
  const auto g = random_multiples<T>(s.outer * s.count * s.inner, random);
  std::vector<T> gx(at(s.outer * s.n * s.inner) + 1, T{77}), expected_gx(gx.size(), T{0});
  expected_gx.back() = T{77};
  for (std::int64_t o = 0; o < s.outer; ++o) {
    for (std::int64_t j = 0; j < s.count; ++j) {
      for (std::int64_t i = 0; i < s.inner; ++i) {
        const std::size_t to = at((o * s.count + j) * s.inner + i);
        const std::size_t from = at((o * s.n + indices[at(j)]) * s.inner + i);
        expected_y[to] = x[from];
        expected_gx[from] = static_cast<T>(expected_gx[from] + g[to]);
      }
    }
  }
  kernels::take(dtype, x.data(), s.outer, s.n, s.inner, indices.data(), s.count, y.data());
  kernels::scatter_add(dtype, g.data(), s.outer, s.n, s.inner, indices.data(), s.count, gx.data());
  CHECK(y == expected_y);
  CHECK(gx == expected_gx);
}

template <class T>
void check_along_rows(std::int64_t rows, std::int64_t n, std::int64_t count, std::mt19937& random) {
  const DType dtype = hourglass::dtype_of<T>();
  const auto indices = random_indices(rows * count, n, random);
  const auto x = random_multiples<T>(rows * n, random);
  const auto g = random_multiples<T>(rows * count, random);
  std::vector<T> y(at(rows * count) + 1, T{77}), expected_y = y;
  std::vector<T> gx(at(rows * n) + 1, T{77}), expected_gx(gx.size(), T{0});
  expected_gx.back() = T{77};
  for (std::int64_t i = 0; i < rows * count; ++i) {
    const std::size_t from = at(i / count * n + indices[at(i)]);
    expected_y[at(i)] = x[from];
    expected_gx[from] = static_cast<T>(expected_gx[from] + g[at(i)]);
  }
  kernels::take_along_rows(dtype, x.data(), rows, n, indices.data(), count, y.data());
  kernels::scatter_add_along_rows(dtype, g.data(), rows, n, indices.data(), count, gx.data());
  CHECK(y == expected_y);
  CHECK(gx == expected_gx);
}

}  // namespace

TEST_CASE("take picks slices by index, scatter_add adds them back in index order") {
  std::mt19937 random(1);
  for (const int threads : {1, 2}) {
    const hourglass::ThreadScope scope(threads);
    for (const TakeSizes& sizes : kTakeSizes) {
      CAPTURE(sizes.outer);
      CAPTURE(sizes.inner);
      check_take_and_scatter<float>(sizes, random);
      check_take_and_scatter<double>(sizes, random);
      check_take_and_scatter<std::int32_t>(sizes, random);
      check_take_and_scatter<std::uint8_t>(sizes, random);
    }
  }
}

TEST_CASE("the same along rows, with indices for each row") {
  std::mt19937 random(2);
  for (const int threads : {1, 2}) {
    const hourglass::ThreadScope scope(threads);
    constexpr std::int64_t kRows[][3] = {{1, 1, 1}, {0, 3, 2},     {3, 5, 0},       {7, 13, 40},
                                         {2, 0, 0}, {900, 64, 16}, {3, 30000, 9000}};
    for (const auto& [rows, n, count] : kRows) {
      check_along_rows<float>(rows, n, count, random);
      check_along_rows<double>(rows, n, count, random);
      check_along_rows<std::int32_t>(rows, n, count, random);
      check_along_rows<std::uint8_t>(rows, n, count, random);
    }
  }
}

TEST_CASE("an index out of range is named, with its place and the limit, and nothing is written") {
  const std::vector<float> x(60, 1.0f);
  std::vector<float> y(60, 5.0f);
  const std::vector<float> untouched = y;
  const std::vector<std::int32_t> high = {0, 9, 3, 12, -1, 0}, low = {0, 1, 2, 3, 4, -7};
  CHECK_THROWS_WITH_AS(kernels::take(DType::kF32, x.data(), 2, 10, 3, high.data(), 6, y.data()),
                       "take: index out of range: indices[3] = 12: expected 0 to 9", Error);
  CHECK_THROWS_WITH_AS(
      kernels::scatter_add(DType::kF32, x.data(), 2, 10, 3, low.data(), 6, y.data()),
      "scatter_add: index out of range: indices[5] = -7: expected 0 to 9", Error);
  CHECK_THROWS_WITH_AS(
      kernels::take_along_rows(DType::kF32, x.data(), 3, 10, high.data(), 2, y.data()),
      "take_along: index out of range: indices[1, 1] = 12: expected 0 to 9", Error);
  CHECK_THROWS_WITH_AS(
      kernels::scatter_add_along_rows(DType::kF32, x.data(), 2, 5, low.data(), 3, y.data()),
      "scatter_along: index out of range: indices[1, 2] = -7: expected 0 to 4", Error);
  CHECK_THROWS_WITH_AS(kernels::take(DType::kF32, x.data(), 1, 0, 1, low.data(), 1, y.data()),
                       "take: index out of range: indices[0] = 0: the axis is empty", Error);
  CHECK(y == untouched);
}

TEST_CASE("of many indices out of range, the first is named on any number of threads") {
  std::vector<std::int32_t> indices(300000, 0);
  for (std::size_t i = 123456; i < indices.size(); i += 7) indices[i] = 5;
  const float x[5] = {};
  std::vector<float> y(indices.size());
  for (const int threads : {1, 2}) {
    const hourglass::ThreadScope scope(threads);
    CHECK_THROWS_WITH_AS(kernels::take(DType::kF32, x, 1, 5, 1, indices.data(),
                                       static_cast<std::int64_t>(indices.size()), y.data()),
                         "take: index out of range: indices[123456] = 5: expected 0 to 4", Error);
  }
}

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"
#include "tests/tensor/targets.h"

namespace kernels = hourglass::kernels;
using hourglass::dtype_of;
using hourglass::Error;
using hourglass::testing::at;
using hourglass::testing::random_numbers;

namespace {

// A matrix of which a third is there, rows without entries among them, with padding of NaN.
template <class T>
struct Sparse {
  std::int64_t rows, width;
  std::vector<T> values, dense;
  std::vector<std::int32_t> columns, starts = {0};

  Sparse(std::int64_t rows, std::int64_t width, std::mt19937& random) : rows(rows), width(width) {
    std::uniform_real_distribution<T> uniform(-1, 1);
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < width; ++j) {
        const bool here = i % 4 != 1 && random() % 3 == 0;
        dense.push_back(here ? uniform(random) : 0);
        if (!here) continue;
        values.push_back(dense.back());
        columns.push_back(static_cast<std::int32_t>(j));
      }
      starts.push_back(static_cast<std::int32_t>(values.size()));
    }
    values.resize(values.size() + 5, std::numeric_limits<T>::quiet_NaN());
    columns.resize(values.size());
  }

  kernels::SparseRows arrays() const {
    return {rows, width, static_cast<std::int64_t>(columns.size()), columns.data(), starts.data()};
  }
};

// op(a) op(b) by fma in order of k, the law of kernels::gemm.
template <class T>
std::vector<T> product(const std::vector<T>& a, bool ta, const std::vector<T>& b, bool tb,
                       std::int64_t m, std::int64_t n, std::int64_t k) {
  std::vector<T> c(at(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      for (std::int64_t l = 0; l < k; ++l) {
        c[at(i * n + j)] = std::fma(a[at(ta ? l * m + i : i * k + l)],
                                    b[at(tb ? j * k + l : l * n + j)], c[at(i * n + j)]);
      }
    }
  }
  return c;
}

template <class T>
std::vector<T> transposed(const std::vector<T>& x, std::int64_t rows, std::int64_t columns) {
  std::vector<T> y(x.size());
  for (std::int64_t i = 0; i < rows * columns; ++i)
    y[at(i % columns * rows + i / columns)] = x[at(i)];
  return y;
}

// The bits of the dense products, but without FMA, where those of our loops round twice.
template <class T>
void check_products(std::int64_t rows, std::int64_t width, std::int64_t n, bool flag, bool fma) {
  CAPTURE(rows);
  CAPTURE(n);
  CAPTURE(flag);
  std::mt19937 random(static_cast<unsigned>(rows + width + n));
  const Sparse<T> s(rows, width, random);
  const auto w = random_numbers<T>(width * n, random), a = random_numbers<T>(rows * n, random);
  std::vector<T> y(at(rows * n), 7), g(at(width * n), 7), v(s.values.size(), 7);
  const auto stored = flag ? transposed(w, width, n) : w;
  kernels::sparse_matmul(dtype_of<T>(), s.arrays(), s.values.data(), stored.data(), flag, n,
                         y.data());
  kernels::sparse_transpose_matmul(dtype_of<T>(), s.arrays(), s.values.data(), a.data(), n, flag,
                                   g.data());
  kernels::sampled_matmul(dtype_of<T>(), s.arrays(), a.data(), stored.data(), flag, n, v.data());
  if (flag) g = transposed(g, n, width);
  const auto full_y = product(s.dense, false, w, false, rows, n, width);
  const auto full_g = product(s.dense, true, a, false, width, n, rows);
  const auto full_v = product(a, false, w, true, rows, width, n);
  const double slack = fma ? 0 : 1e-5;
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::abs(y[i] - full_y[i]) <= slack);
  for (std::size_t i = 0; i < g.size(); ++i) CHECK(std::abs(g[i] - full_g[i]) <= slack);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t p = s.starts[at(i)]; p < s.starts[at(i + 1)]; ++p) {
      CHECK(std::abs(v[at(p)] - full_v[at(i * width + s.columns[at(p)])]) <= 1e-5);
    }
  }
  for (std::size_t p = at(s.starts.back()); p < v.size(); ++p) CHECK(v[p] == 0);
}

}  // namespace

TEST_CASE("products with a sparse matrix have the bits of the dense ones, on every target") {
  on_every_target([](std::string_view target) {
    for (const bool flag : {false, true}) {
      for (const std::int64_t n : {0, 1, 7, 16, 37}) {
        check_products<float>(9, 23, n, flag, target != "baseline");
        check_products<double>(9, 23, n, flag, target != "baseline");
        check_products<float>(0, 5, n, flag, true);
      }
    }
  });
}

TEST_CASE("products with a sparse matrix have the same bits on any number of threads") {
  std::mt19937 random(3);
  const Sparse<float> s(100, 50, random);
  const auto w = random_numbers<float>(50 * 100, random),
             a = random_numbers<float>(100 * 100, random);
  const auto run = [&](int threads) {
    const hourglass::ThreadScope scope(threads);
    std::vector<float> y(100 * 100), g(50 * 100), v(s.values.size());
    kernels::sparse_matmul(hourglass::DType::kF32, s.arrays(), s.values.data(), w.data(), true, 100,
                           y.data());
    kernels::sparse_transpose_matmul(hourglass::DType::kF32, s.arrays(), s.values.data(), a.data(),
                                     100, true, g.data());
    kernels::sampled_matmul(hourglass::DType::kF32, s.arrays(), a.data(), w.data(), true, 100,
                            v.data());
    y.insert(y.end(), g.begin(), g.end());
    y.insert(y.end(), v.begin(), v.end());
    return y;
  };
  const auto one = run(1);
  CHECK(run(2) == one);
  CHECK(run(7) == one);
}

TEST_CASE("a sparse matrix whose indices are none is refused ahead of any product") {
  const std::vector<float> values(3), w(4 * 2);
  std::vector<float> y(2 * 2, 7);
  std::vector<std::int32_t> columns = {0, 3, 1}, starts = {0, 2, 3};
  const auto run = [&] {
    kernels::sparse_matmul(hourglass::DType::kF32, {2, 4, 3, columns.data(), starts.data()},
                           values.data(), w.data(), false, 2, y.data());
  };
  columns[1] = 4;
  CHECK_THROWS_WITH_AS(run(), "sparse_matmul: index out of range: columns[1] = 4: expected 0 to 3",
                       Error);
  columns[1] = 3;
  starts[1] = 4;
  CHECK_THROWS_WITH_AS(
      run(), "sparse_matmul: row starts do not rise from 0 to at most 3: row_starts[1] = 4", Error);
  starts = {0, 2, 1};
  CHECK_THROWS_WITH_AS(
      run(), "sparse_matmul: row starts do not rise from 0 to at most 3: row_starts[2] = 1", Error);
  starts = {1, 2, 3};
  CHECK_THROWS_WITH_AS(
      run(), "sparse_matmul: row starts do not rise from 0 to at most 3: row_starts[0] = 1", Error);
  CHECK(y == std::vector<float>(4, 7));
}

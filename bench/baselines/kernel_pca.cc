#include "bench/baselines/kernel_pca.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "tensor/error.h"
#include "tensor/kernels.h"

namespace hourglass::bench {
namespace {

Tensor squared_norms(const Tensor& rows) {
  const std::int64_t n = rows.shape()[0], d = rows.shape()[1];
  Tensor norms(Shape{n}, DType::kF64);
  for (std::int64_t i = 0; i < n * d; ++i) {
    const double x = rows.data<double>()[i];
    norms.data<double>()[i / d] += x * x;
  }
  return norms;
}

// a b' of f64 [m, k] and [n, k].
Tensor products(const Tensor& a, const Tensor& b) {
  kernels::Gemm gemm;
  gemm.m = a.shape()[0];
  gemm.n = b.shape()[0];
  gemm.k = a.shape()[1];
  gemm.transpose_b = true;
  Tensor c = Tensor::uninitialized(Shape{gemm.m, gemm.n}, DType::kF64);
  kernels::gemm(DType::kF64, gemm, a.raw(), b.raw(), c.raw());
  return c;
}

// |a_i - b_j|^2, f64 [m, n].
Tensor squared_distances(const Tensor& a, const Tensor& norms_a, const Tensor& b,
                         const Tensor& norms_b) {
  Tensor c = products(a, b);
  const std::int64_t n = b.shape()[0];
  double* x = c.data<double>();
  for (std::int64_t i = 0; i < c.elements(); ++i) {
    x[i] = std::max(norms_a.at(i / n) + norms_b.at(i % n) - 2 * x[i], 0.0);
  }
  return c;
}

void check_rows(const Tensor& rows) {
  if (rows.shape().rank() == 2 && rows.shape()[0] >= 2) return;
  throw Error(fmt::format("kernel pca: expected two rows or more, [N, D]: got {}",
                          to_string(rows.shape())));
}

double median_root(const Tensor& squares) {
  const std::int64_t n = squares.shape()[0];
  std::vector<double> pairs;
  for (std::int64_t i = 0; i < n; ++i) {
    const double* row = squares.data<double>() + i * n;
    pairs.insert(pairs.end(), row + i + 1, row + n);
  }
  const auto middle = pairs.begin() + static_cast<std::ptrdiff_t>(pairs.size() / 2);
  std::nth_element(pairs.begin(), middle, pairs.end());
  return std::sqrt(*middle);
}

}  // namespace

double median_distance(const Tensor& rows) {
  check_rows(rows);
  const Tensor norms = squared_norms(rows);
  return median_root(squared_distances(rows, norms, rows, norms));
}

KernelPca::KernelPca(const Tensor& learnt_from, double share) : rows_(learnt_from) {
  check_rows(rows_);
  if (!(share > 0 && share <= 1)) {
    throw Error(fmt::format("kernel pca: expected a share of 0 to 1: got {}", share));
  }
  norms_ = squared_norms(rows_);
  Tensor kernel = squared_distances(rows_, norms_, rows_, norms_);
  const double width = median_root(kernel);
  minus_inverse_ = -1 / (2 * width * width);
  const std::int64_t n = rows_.shape()[0];
  double* k = kernel.data<double>();
  means_ = Tensor(Shape{n}, DType::kF64);
  double* means = means_.data<double>();
  for (std::int64_t i = 0; i < n * n; ++i) {
    k[i] = std::exp(minus_inverse_ * k[i]);
    means[i % n] += k[i] / static_cast<double>(n);
  }
  for (std::int64_t i = 0; i < n; ++i) mean_ += means[i] / static_cast<double>(n);
  for (std::int64_t i = 0; i < n * n; ++i) k[i] += mean_ - means[i / n] - means[i % n];
  Tensor values(Shape{n}, DType::kF64), vectors(Shape{n, n}, DType::kF64);
  kernels::symmetric_eigen(n, k, values.data<double>(), vectors.data<double>());
  double total = 0, sum = 0;
  for (double v : values.values()) total += std::max(v, 0.0);
  std::int64_t first = n;  // values ascend
  while (first > 0 && values.at(first - 1) > 1e-12 * values.at(n - 1) && sum < share * total) {
    sum += values.at(--first);
  }
  vectors_ = vectors.rows(first, n);
  for (std::int64_t i = 0; i < vectors_.elements(); ++i) {
    vectors_.data<double>()[i] /= std::sqrt(values.at(first + i / n));
  }
}

std::vector<double> KernelPca::operator()(const Tensor& rows) const {
  const std::int64_t n = rows_.shape()[0], count = rows.shape()[0];
  Tensor kernel = squared_distances(rows, squared_norms(rows), rows_, norms_);
  std::vector<double> distances(static_cast<std::size_t>(count));
  const double* means = means_.data<double>();
  for (std::int64_t i = 0; i < count; ++i) {
    double* k = kernel.data<double>() + i * n;
    double mean = 0;
    for (std::int64_t j = 0; j < n; ++j) {
      k[j] = std::exp(minus_inverse_ * k[j]);
      mean += k[j] / static_cast<double>(n);
    }
    for (std::int64_t j = 0; j < n; ++j) k[j] += mean_ - mean - means[j];
    distances[static_cast<std::size_t>(i)] = 1 - 2 * mean + mean_;
  }
  const Tensor along = products(kernel, vectors_);
  const std::int64_t components = vectors_.shape()[0];
  for (std::int64_t i = 0; i < along.elements(); ++i) {
    const double y = along.data<double>()[i];
    distances[static_cast<std::size_t>(i / components)] -= y * y;
  }
  return distances;
}

}  // namespace hourglass::bench

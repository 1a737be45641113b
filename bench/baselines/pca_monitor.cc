#include "bench/baselines/pca_monitor.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "ae/measure/latent.h"
#include "tensor/error.h"
#include "tensor/kernels.h"

namespace hourglass::bench {
namespace {

constexpr double kNoVariance = 1e-12;  // of the largest

// The coordinates of rows along all components, f64 [N, D].
Tensor coordinates(const ae::Pca& pca, const Tensor& rows) {
  const std::int64_t d = pca.mean.elements();
  if (rows.shape().rank() != 2 || rows.shape()[1] != d) {
    throw Error(fmt::format("pca: rows must be [N, {}]: got {}", d, to_string(rows.shape())));
  }
  Tensor centred = rows.cast(DType::kF64).clone();
  double* x = centred.data<double>();
  const double* mean = pca.mean.data<double>();
  for (std::int64_t i = 0; i < centred.elements(); ++i) x[i] -= mean[i % d];
  Tensor y = Tensor::uninitialized(centred.shape(), DType::kF64);
  kernels::Gemm gemm;
  gemm.m = rows.shape()[0];
  gemm.n = gemm.k = d;
  gemm.transpose_b = true;
  kernels::gemm(DType::kF64, gemm, x, pca.components.data<double>(), y.raw());
  return y;
}

// The F distribution's density, up to its beta function, is integrated over u = x / (1 + x) with
// x = numerator / denominator * F, which turns it into that of Beta(numerator / 2, denominator / 2):
// u = sin(a)^2 takes the poles at the ends away.
double beta_share(double u, double a, double b) {
  constexpr int kSteps = 2000;
  const double end = std::asin(std::sqrt(u)),
               log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
  const auto density = [&](double angle) {
    if (angle <= 0) return 2 * a == 1 ? 2 * std::exp(-log_beta) : 0.0;
    return 2 * std::exp((2 * a - 1) * std::log(std::sin(angle)) +
                        (2 * b - 1) * std::log(std::cos(angle)) - log_beta);
  };
  const double step = end / kSteps;
  double sum = density(0) + density(end);
  for (int i = 1; i < kSteps; ++i) sum += (i % 2 == 1 ? 4 : 2) * density(i * step);
  return sum * step / 3;  // Simpson
}

}  // namespace

double f_quantile(double p, double numerator, double denominator) {
  double low = 0, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (beta_share(middle, numerator / 2, denominator / 2) < p ? low : high) = middle;
  }
  return denominator / numerator * low / (1 - low);
}

std::int64_t components_for(const ae::Pca& pca, double share) {
  if (!(share > 0 && share <= 1)) {
    throw Error(fmt::format("pca: expected a share of 0 to 1: got {}", share));
  }
  double total = 0, sum = 0;
  for (double v : pca.variances.values()) total += v;
  const std::int64_t d = pca.variances.elements();
  std::int64_t k = 0;
  while (k < d && (k == 0 || sum < share * total)) sum += pca.variances.at(k++);
  return k;
}

PcaMonitor::PcaMonitor(ae::Pca pca, std::int64_t rows, std::int64_t components)
    : pca_(std::move(pca)), rows_(rows), components_(components) {
  const std::int64_t d = pca_.mean.elements();
  if (components < 1 || components > d) {
    throw Error(fmt::format("pca: expected 1 to {} components: got {}", d, components));
  }
}

PcaMonitor::PcaMonitor(const Tensor& learnt_from, std::int64_t components)
    : PcaMonitor(ae::fit_pca(learnt_from), learnt_from.shape()[0], components) {}

PcaMonitor PcaMonitor::explaining(const Tensor& learnt_from, double share) {
  ae::Pca pca = ae::fit_pca(learnt_from);
  const std::int64_t k = components_for(pca, share);
  return {std::move(pca), learnt_from.shape()[0], k};
}

MonitorStatistics PcaMonitor::operator()(const Tensor& rows) const {
  const Tensor y = coordinates(pca_, rows);
  const std::int64_t n = y.shape()[0], d = y.shape()[1];
  const double* variance = pca_.variances.data<double>();
  const auto count = static_cast<std::size_t>(n);
  MonitorStatistics found{std::vector<double>(count), std::vector<double>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    const double* row = y.data<double>() + static_cast<std::int64_t>(i) * d;
    for (std::int64_t j = 0; j < components_; ++j) {
      if (variance[j] > kNoVariance * variance[0]) found.t2[i] += row[j] * row[j] / variance[j];
    }
    for (std::int64_t j = components_; j < d; ++j) found.q[i] += row[j] * row[j];
  }
  return found;
}

double PcaMonitor::t2_limit(double probability) const {
  const auto k = static_cast<double>(components_), n = static_cast<double>(rows_);
  return k * (n - 1) * (n + 1) / (n * (n - k)) * f_quantile(probability, k, n - k);
}

double PcaMonitor::q_limit(double probability) const {
  double theta1 = 0, theta2 = 0, theta3 = 0;
  for (std::int64_t i = components_; i < pca_.variances.elements(); ++i) {
    const double v = std::max(pca_.variances.at(i), 0.0);
    theta1 += v;
    theta2 += v * v;
    theta3 += v * v * v;
  }
  if (theta1 == 0) return 0;
  const double h = 1 - 2 * theta1 * theta3 / (3 * theta2 * theta2);
  const double c = ae::normal_quantile(probability);
  const double base =
      c * std::sqrt(2 * theta2 * h * h) / theta1 + 1 + theta2 * h * (h - 1) / (theta1 * theta1);
  return theta1 * std::pow(std::max(base, 0.0), 1 / h);
}

}  // namespace hourglass::bench

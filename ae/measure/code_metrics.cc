#include "ae/measure/code_metrics.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr double kActiveVariance = 0.01;

void check_matrix(const char* who, const Tensor& t) {
  if (t.shape().rank() == 2 && t.shape()[0] > 0) return;
  throw Error(
      fmt::format("{}: expected [N, H] with at least one row: got {}", who, to_string(t.shape())));
}

double hoyer(const double* row, std::int64_t width) {
  double l1 = 0, l2 = 0;
  for (std::int64_t j = 0; j < width; ++j) {
    l1 += std::abs(row[j]);
    l2 += row[j] * row[j];
  }
  if (l2 == 0 || width == 1) return 0;
  const double root = std::sqrt(static_cast<double>(width));
  return (root - l1 / std::sqrt(l2)) / (root - 1);
}

}  // namespace

CodeStatistics code_statistics(const Tensor& codes) {
  check_matrix("code_statistics", codes);
  const Tensor wide = codes.cast(DType::kF64);
  const double* h = wide.data<double>();
  const std::int64_t n = codes.shape()[0], width = codes.shape()[1];
  const double count = static_cast<double>(n);
  CodeStatistics s;
  std::int64_t zeros = 0;
  for (std::int64_t j = 0; j < width; ++j) {
    double mean = 0, variance = 0;  // the mean from the first code on
    bool constant = true;
    for (std::int64_t i = 0; i < n; ++i) {
      const double value = h[i * width + j];
      mean += value - h[j];
      zeros += value == 0;
      constant = constant && value == h[j];
    }
    mean /= count;
    for (std::int64_t i = 0; i < n; ++i) {
      const double distance = h[i * width + j] - h[j] - mean;
      variance += distance * distance / count;
    }
    s.means.push_back(h[j] + mean);
    s.variances.push_back(variance);
    s.active_units += variance > kActiveVariance;
    s.dead_units += constant;
  }
  for (std::int64_t i = 0; i < n; ++i) s.sparseness += hoyer(h + i * width, width) / count;
  s.zeros = static_cast<double>(zeros) / static_cast<double>(codes.elements());
  return s;
}

std::vector<double> kl_per_dimension(const Tensor& means, const Tensor& log_variances) {
  check_matrix("kl_per_dimension", means);
  if (means.shape() != log_variances.shape()) {
    throw Error(fmt::format("kl_per_dimension: shapes differ: means={}, log_variances={}",
                            to_string(means.shape()), to_string(log_variances.shape())));
  }
  const Tensor wide_means = means.cast(DType::kF64), wide_logs = log_variances.cast(DType::kF64);
  const double* m = wide_means.data<double>();
  const double* l = wide_logs.data<double>();
  const std::int64_t n = means.shape()[0], width = means.shape()[1];
  std::vector<double> kl(static_cast<std::size_t>(width));
  for (std::int64_t i = 0; i < n * width; ++i) {
    // expm1, so that a dimension that is not used gives 0 and not its rounding.
    const double value = (m[i] * m[i] + std::expm1(l[i]) - l[i]) / 2;
    kl[static_cast<std::size_t>(i % width)] += value / static_cast<double>(n);
  }
  return kl;
}

CodebookUse codebook_use(const Tensor& indices, std::int64_t entries) {
  if (indices.elements() == 0) throw Error("codebook_use: there is no index");
  CodebookUse use;
  use.shares.resize(static_cast<std::size_t>(entries));
  const std::int32_t* taken = indices.data<std::int32_t>();
  const double one = 1 / static_cast<double>(indices.elements());
  for (std::int64_t i = 0; i < indices.elements(); ++i) {
    if (taken[i] < 0 || taken[i] >= entries) {
      throw Error(fmt::format("codebook_use: index {} of a codebook of {}", taken[i], entries));
    }
    use.shares[static_cast<std::size_t>(taken[i])] += one;
  }
  double entropy = 0;
  for (const double share : use.shares) {
    if (share == 0) continue;
    ++use.used;
    entropy -= share * std::log(share);
  }
  use.perplexity = std::exp(entropy);
  return use;
}

Tensor class_means(const Tensor& codes, const Tensor& labels, std::int64_t classes) {
  check_matrix("class_means", codes);
  const std::int64_t n = codes.shape()[0], width = codes.shape()[1];
  if (labels.shape() != Shape{n}) {
    throw Error(fmt::format("class_means: needs a label a row: codes={}, labels={}",
                            to_string(codes.shape()), to_string(labels.shape())));
  }
  const Tensor wide = codes.cast(DType::kF64);
  const double* h = wide.data<double>();
  const std::int32_t* label = labels.data<std::int32_t>();
  Tensor result(Shape{classes, width}, DType::kF64);
  double* mean = result.data<double>();
  std::vector<double> counts(static_cast<std::size_t>(classes));
  for (std::int64_t i = 0; i < n; ++i) {
    if (label[i] < 0 || label[i] >= classes) {
      throw Error(fmt::format("class_means: label {} for {} classes", label[i], classes));
    }
    counts[static_cast<std::size_t>(label[i])] += 1;
    for (std::int64_t j = 0; j < width; ++j) mean[label[i] * width + j] += h[i * width + j];
  }
  for (std::int64_t c = 0; c < classes; ++c) {
    const double count = std::max(1.0, counts[static_cast<std::size_t>(c)]);
    for (std::int64_t j = 0; j < width; ++j) mean[c * width + j] /= count;
  }
  return result;
}

}  // namespace hourglass::ae

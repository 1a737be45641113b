#include "ae/measure/features.h"

#include <fmt/core.h>

#include <cmath>

#include "ae/model/input_scale.h"
#include "tensor/counted.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

void check_width(const char* who, const nn::Rows& rows, std::size_t width) {
  if (rows.shape().rank() == 2 && rows.width() == static_cast<std::int64_t>(width)) return;
  throw Error(fmt::format("{}: learnt from rows of {}: got {}", who,
                          internal::counted(width, "number"), to_string(rows.shape())));
}

// f(the row's numbers, where they go) of each row, f32.
template <class F>
nn::Rows by_row(const nn::Rows& rows, F&& f) {
  return rows.map([f](const Tensor& some) {
    const std::vector<double> x = some.values();
    Tensor result(some.shape(), DType::kF32);
    const std::int64_t width = some.shape()[1];
    for (std::int64_t i = 0; i < some.shape()[0]; ++i) {
      f(x.data() + i * width, result.data<float>() + i * width);
    }
    return result;
  });
}

}  // namespace

Standardised::Standardised(const nn::Rows& learnt_from) {
  ColumnStatistics columns;
  nn::for_chunks(learnt_from, [&](const Tensor& part, std::int64_t) { columns.add(part); });
  mean_ = columns.mean().values();
  for (const double deviation : columns.deviation().values()) {
    factor_.push_back(deviation > 0 ? 1 / deviation : 0);
  }
}

nn::Rows Standardised::operator()(const nn::Rows& rows) const {
  check_width("standardised", rows, mean_.size());
  return by_row(rows, [mean = mean_, factor = factor_](const double* x, float* y) {
    for (std::size_t j = 0; j < mean.size(); ++j) {
      y[j] = static_cast<float>((x[j] - mean[j]) * factor[j]);
    }
  });
}

TfIdf::TfIdf(const nn::Rows& learnt_from, bool damped)
    : idf_(static_cast<std::size_t>(learnt_from.width())), damped_(damped) {
  nn::for_chunks(learnt_from, [&](const Tensor& part, std::int64_t) {
    const std::vector<double> counts = part.values();
    for (std::size_t i = 0; i < counts.size(); ++i) idf_[i % idf_.size()] += counts[i] > 0 ? 1 : 0;
  });
  const auto documents = static_cast<double>(learnt_from.count());
  for (double& each : idf_) each = std::log((1 + documents) / (1 + each)) + 1;
}

nn::Rows TfIdf::operator()(const nn::Rows& counts) const {
  check_width("tf-idf", counts, idf_.size());
  return by_row(counts, [idf = idf_, damped = damped_](const double* x, float* y) {
    std::vector<double> weights(idf.size());
    double squares = 0;
    for (std::size_t j = 0; j < idf.size(); ++j) {
      if (!(x[j] > 0)) continue;
      weights[j] = (damped ? 1 + std::log(x[j]) : x[j]) * idf[j];
      squares += weights[j] * weights[j];
    }
    if (squares == 0) return;
    for (std::size_t j = 0; j < idf.size(); ++j) {
      y[j] = static_cast<float>(weights[j] / std::sqrt(squares));
    }
  });
}

}  // namespace hourglass::ae

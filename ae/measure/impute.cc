#include "ae/measure/impute.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ae/measure/metrics.h"
#include "ae/papers/streams.h"
#include "tensor/error.h"
#include "tensor/random.h"

namespace hourglass::ae {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void check_imputes(const Autoencoder& model, const Tensor& rows, const ImputeOptions& options) {
  if (!model.input.mean.defined()) {
    throw Error(fmt::format(
        "impute: the model kept no means of its columns: its scale is {}: expected standard, or a "
        "model that learnt with missing values",
        name_of(model.spec.scale)));
  }
  if (model.spec.classes > 0) throw Error("impute: a class-conditional model needs labels");
  if (rows.shape().rank() != 2 || rows.shape()[1] != model.spec.input_width()) {
    throw Error(fmt::format("impute: expected rows [N, {}]: got {}", model.spec.input_width(),
                            to_string(rows.shape())));
  }
  if (options.rounds < 1) {
    throw Error(fmt::format("impute: rounds: must be at least 1: got {}", options.rounds));
  }
  if (!(options.share > 0 && options.share < 1)) {
    throw Error(fmt::format("impute: share: must be between 0 and 1: got {}", options.share));
  }
}

// Where `known` is NaN, what `guess` has.
Tensor filled(const Tensor& known, const Tensor& guess) {
  Tensor result = known.clone();
  double* x = result.data<double>();
  const double* y = guess.data<double>();
  for (std::int64_t i = 0; i < result.elements(); ++i) {
    if (std::isnan(x[i])) x[i] = y[i];
  }
  return result;
}

Tensor means_of(const Autoencoder& model, std::int64_t rows) {
  const Tensor mean = model.input.mean.tensor().cast(DType::kF64);
  Tensor all(Shape{rows, mean.elements()}, DType::kF64);
  for (std::int64_t i = 0; i < all.elements(); ++i) {
    all.data<double>()[i] = mean.at(i % mean.elements());
  }
  return all;
}

}  // namespace

Tensor impute(const Autoencoder& model, const Tensor& rows, const ImputeOptions& options) {
  check_imputes(model, rows, options);
  const Tensor known = rows.cast(DType::kF64);
  Tensor complete = filled(known, means_of(model, rows.shape()[0]));
  for (int round = 0; round < options.rounds; ++round) {
    complete = filled(known, reconstructions(model, {complete}));
  }
  return complete;
}

std::vector<ImputationError> imputation_errors(const Autoencoder& model, const Tensor& rows,
                                               const ImputeOptions& options) {
  check_imputes(model, rows, options);
  const Tensor known = rows.cast(DType::kF64);
  const Tensor draws =
      uniform(key_of(options.seed), streams::kHidden, 0, known.shape(), 0, 1, DType::kF64);
  const std::int64_t width = known.shape()[1];
  Tensor holes = known.clone();
  std::vector<std::int64_t> hidden;
  for (std::int64_t i = 0; i < known.elements(); ++i) {
    if (std::isnan(known.at(i)) || draws.at(i) >= options.share) continue;
    holes.data<double>()[i] = kMissing;
    hidden.push_back(i);
  }
  const Tensor by_model = impute(model, holes, options);
  const Tensor by_mean = means_of(model, rows.shape()[0]);
  std::vector<ImputationError> errors(static_cast<std::size_t>(width));
  for (const std::int64_t i : hidden) {
    ImputationError& error = errors[static_cast<std::size_t>(i % width)];
    error.model += std::pow(by_model.at(i) - known.at(i), 2);
    error.mean += std::pow(by_mean.at(i) - known.at(i), 2);
    ++error.entries;
  }
  for (ImputationError& error : errors) {
    const double n = static_cast<double>(std::max<std::int64_t>(error.entries, 1));
    error.model = std::sqrt(error.model / n);
    error.mean = std::sqrt(error.mean / n);
  }
  return errors;
}

}  // namespace hourglass::ae

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

// An entry that is known: where it begins, and of which column it is.
struct Hidden {
  std::int64_t at;
  std::size_t column;
};

// The square of a number's error; of a word 1 where another one is found.
double error_at(const Tensor& found, const Tensor& known, std::int64_t at,
                const ColumnRange& column) {
  if (!column.category) return std::pow(found.at(at) - known.at(at), 2);
  const std::int64_t word = word_of(found.data<double>() + at, column);
  return word == word_of(known.data<double>() + at, column) ? 0 : 1;
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
  std::vector<ImputationError> errors;
  for (const ColumnRange& c : table_columns(model.spec.categories, width)) errors.push_back({c});
  Tensor holes = known.clone();
  std::vector<Hidden> hidden;
  for (std::int64_t i = 0; i < known.shape()[0]; ++i) {
    for (std::size_t c = 0; c < errors.size(); ++c) {
      const ColumnRange& column = errors[c].column;
      const std::int64_t at = i * width + column.first;
      if (std::isnan(known.at(at)) || draws.at(at) >= options.share) continue;
      std::fill_n(holes.data<double>() + at, column.width(), kMissing);
      hidden.push_back({at, c});
    }
  }
  const Tensor by_model = impute(model, holes, options);
  const Tensor by_mean = means_of(model, rows.shape()[0]);
  for (const Hidden& entry : hidden) {
    ImputationError& error = errors[entry.column];
    error.model += error_at(by_model, known, entry.at, error.column);
    error.mean += error_at(by_mean, known, entry.at, error.column);
    ++error.entries;
  }
  for (ImputationError& error : errors) {
    const double n = static_cast<double>(std::max<std::int64_t>(error.entries, 1));
    const bool share = error.column.category;
    error.model = share ? error.model / n : std::sqrt(error.model / n);
    error.mean = share ? error.mean / n : std::sqrt(error.mean / n);
  }
  return errors;
}

}  // namespace hourglass::ae

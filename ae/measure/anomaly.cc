#include "ae/measure/anomaly.h"

#include <fmt/core.h>

#include <algorithm>

#include "ae/model/categories.h"
#include "ae/model/loss.h"
#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "nn/data/windows.h"
#include "nn/train/evaluation.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

// [B, D] -> [B, columns]: what belongs to a category is added up.
Var by_column(const Var& errors, const std::vector<std::int64_t>& categories) {
  std::vector<Var> columns;
  for (const ColumnRange& range : column_ranges(categories, errors.size(1))) {
    const Var part = slice(errors, 1, {range.first, range.last});
    columns.push_back(range.category ? sum(part, {1}, true) : part);
  }
  return concat(columns, 1);
}

Var errors_of(const Autoencoder& model, const Batch& batch) {
  const Var x = model.target(batch.images);
  const LossInput in = model.loss_input(model.encode(model.scaled(batch.images), batch.labels), x);
  const std::vector<std::int64_t>& categories = model.spec.categories;
  Var error = cast(square(loss_output(model.spec.loss, in) - x), DType::kF64);
  if (!categories.empty()) {
    error = where(model.input.categories, cast(elementwise_loss(model.spec.loss, in), DType::kF64),
                  error);
  }
  const Var present = model.present(batch.images);
  if (present.defined()) error = gate(error, cast(present, DType::kF64));
  return categories.empty() ? error : by_column(error, categories);
}

}  // namespace

Tensor column_errors(const Autoencoder& model, const Examples& examples) {
  return nn::map_rows([&](const nn::Batch& batch) { return errors_of(model, batch_of(batch)); },
                      rows_of(examples));
}

Tensor step_errors(const Autoencoder& model, const Examples& windows, std::int64_t channels) {
  const std::int64_t width = windows.images.width();
  if (channels < 1 || width % channels != 0) {
    throw Error(fmt::format("step_errors: {} channels do not divide windows of {} numbers",
                            channels, width));
  }
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const Var errors = errors_of(model, batch_of(batch));
        return mean(reshape(errors, Shape{errors.size(0), channels, width / channels}), {1}, true);
      },
      rows_of(windows));
}

std::vector<double> anomaly_scores(const Tensor& column_errors) {
  const std::int64_t width = column_errors.shape()[1];
  std::vector<double> scores(static_cast<std::size_t>(column_errors.shape()[0]));
  for (std::int64_t i = 0; i < column_errors.elements(); ++i) {
    scores[static_cast<std::size_t>(i / width)] += column_errors.at(i) / static_cast<double>(width);
  }
  return scores;
}

std::vector<double> anomaly_scores(const Autoencoder& model, const Examples& examples) {
  constexpr std::int64_t kBatch = 500;
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return Graph{{errors_of(model, batch_of(inputs))}, {}};
  });
  std::vector<double> scores(static_cast<std::size_t>(examples.images.count()));
  nn::for_row_batches(program, rows_of(examples), kBatch,
                      [&](const std::vector<Tensor>& values, std::int64_t first, std::int64_t) {
                        const std::vector<double> some = anomaly_scores(values[0]);
                        std::copy(some.begin(), some.end(), scores.begin() + first);
                      });
  return scores;
}

std::vector<bool> labelled_anomalies(const nn::DataSet& data) {
  std::vector<bool> found;
  for (std::int64_t i = 0; i < data.count(); ++i) {
    found.push_back(!nn::is_normal(data, data.labels.data<std::int32_t>()[i]));
  }
  return found;
}

}  // namespace hourglass::ae

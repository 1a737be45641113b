#include "ae/measure/column_losses.h"

#include <algorithm>
#include <numeric>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "nn/train/evaluation.h"

namespace hourglass::ae {
namespace {

constexpr std::int64_t kBatch = 500;

Var in_f64(const Var& x) { return x.dtype() == DType::kF64 ? x : cast(x, DType::kF64); }

// How often the largest of both is not at the same place, where there is a target.
Var wrong_words(const Var& y, const Var& target, const Var& present, const ColumnRange& category) {
  const Range range{category.first, category.last};
  const Var right = equal(argmax(slice(y, 1, range), {1}), argmax(slice(target, 1, range), {1}));
  const Var there = reshape(slice(present, 1, {category.first, category.first + 1}), {y.size(0)});
  return sum(gate(1 - cast(right, DType::kF64), there));
}

// Sums over a batch, f64: the losses and the entries of each number of a row, [D]; then the wrong
// words of each category.
Graph column_sums(const Autoencoder& model, const Batch& batch) {
  const Var target = model.target(batch.images), given = model.present(batch.images);
  const Var present = given.defined() ? in_f64(given) : in_f64(ones_like(target));
  const LossInput in =
      model.loss_input(model.encode(model.scaled(batch.images), batch.labels), target);
  const Var y = loss_output(model.spec.loss, in);
  Var losses = square(in_f64(model.unscaled(y)) - in_f64(model.unscaled(target)));
  const std::vector<std::int64_t>& categories = model.spec.categories;
  if (!categories.empty()) {
    losses = where(model.input.categories, in_f64(elementwise_loss(model.spec.loss, in)), losses);
  }
  Graph graph{{sum(gate(losses, present), {0}), sum(present, {0})}, {}};
  for (const ColumnRange& range : column_ranges(categories, target.size(1))) {
    if (range.category) graph.outputs.push_back(wrong_words(y, target, present, range));
  }
  return graph;
}

}  // namespace

std::vector<ColumnLoss> column_losses(const Autoencoder& model, const Examples& examples) {
  std::vector<ColumnLoss> columns;
  for (const ColumnRange& c : table_columns(model.spec.categories, model.spec.input_width())) {
    columns.push_back({c});
  }
  ProgramByShape program = compile_by_shape(
      [&](const std::vector<Var>& inputs) { return column_sums(model, batch_of(inputs)); });
  nn::for_row_batches(program, rows_of(examples), kBatch,
                      [&](const std::vector<Tensor>& sums, std::int64_t, std::int64_t) {
                        const double* loss = sums[0].data<double>();
                        std::size_t category = 2;
                        for (ColumnLoss& c : columns) {
                          c.loss =
                              std::accumulate(loss + c.column.first, loss + c.column.last, c.loss);
                          c.entries += static_cast<std::int64_t>(sums[1].at(c.column.first));
                          if (c.column.category) c.wrong += sums[category++].item();
                        }
                      });
  for (ColumnLoss& c : columns) {
    const double n = static_cast<double>(std::max<std::int64_t>(c.entries, 1));
    c.loss /= n;
    c.wrong /= n;
  }
  return columns;
}

}  // namespace hourglass::ae

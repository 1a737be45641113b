#include "nn/train/evaluation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "tensor/error.h"

namespace hourglass::nn {

void for_row_batches(ProgramByShape& program, const std::vector<Rows>& data, std::int64_t batch,
                     const std::function<void(const std::vector<Tensor>& values, std::int64_t first,
                                              std::int64_t rows)>& f) {
  if (batch < 1) throw Error(fmt::format("batch: must be at least 1: got {}", batch));
  const std::int64_t n = data[0].shape()[0];
  batch = std::min(batch, n);
  for (std::int64_t first = 0; first < n; first += batch) {
    const std::int64_t last = std::min(first + batch, n);
    std::vector<Tensor> rows;
    for (const Rows& t : data) rows.push_back(t.rows(first, last));
    f(program.run(rows), first, last - first);
  }
}

Tensor map_rows(const std::function<Var(const Batch& batch)>& f, const std::vector<Rows>& data,
                std::int64_t batch) {
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return Graph{{f(inputs)}, {}};
  });
  Tensor result;
  for_row_batches(
      program, data, batch,
      [&](const std::vector<Tensor>& values, std::int64_t first, std::int64_t rows) {
        const Tensor& part = values[0];
        if (!result.defined()) {
          std::vector<std::int64_t> sizes = part.shape().sizes();
          sizes[0] = data[0].shape()[0];
          result = Tensor::uninitialized(Shape(sizes), part.dtype());
        }
        const std::size_t row_bytes = part.bytes() / static_cast<std::size_t>(rows);
        std::memcpy(static_cast<char*>(result.raw()) + static_cast<std::size_t>(first) * row_bytes,
                    part.raw(), part.bytes());
      });
  return result;
}

ObjectiveMeans objective_means(const ObjectiveFunction& objective, const std::vector<Rows>& data,
                               std::uint64_t seed, std::int64_t batch) {
  ObjectiveMeans means;
  const Step counter = make_step(seed, false);
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    Step step = counter;
    const Objective o = objective(inputs, step);
    Graph graph{{o.loss}, {}};
    means.terms.clear();
    for (const Term& term : o.terms) {
      graph.outputs.push_back(term.value);
      means.terms.push_back({term.name, 0});
    }
    graph.outputs.insert(graph.outputs.end(), o.parts.begin(), o.parts.end());
    // Advances the step, so that every batch draws anew.
    graph.options.updates = std::move(step.updates);
    return graph;
  });
  std::vector<double> sums;
  for_row_batches(program, data, batch,
                  [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                    sums.resize(values.size());
                    for (std::size_t k = 0; k < values.size(); ++k) {
                      sums[k] += values[k].item() * static_cast<double>(rows);
                    }
                  });
  const double n = static_cast<double>(data[0].shape()[0]);
  means.loss = sums[0] / n;
  const std::size_t count = means.terms.size();
  for (std::size_t k = 0; k < count; ++k) {
    means.terms[k].value = sums[k + 1] / n;
    means.parts.push_back({means.terms[k].name, sums[k + 1 + count] / n});
  }
  return means;
}

}  // namespace hourglass::nn

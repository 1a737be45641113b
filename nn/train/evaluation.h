#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "autograd/compile/program.h"
#include "nn/data/rows.h"
#include "nn/train/objective.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// Runs a program over consecutive rows of data [N, ...], which stay together; calls f(outputs,
// first row, how many rows) for each batch. Throws Error where batch < 1.
void for_row_batches(ProgramByShape& program, const std::vector<Rows>& data, std::int64_t batch,
                     const std::function<void(const std::vector<Tensor>& values, std::int64_t first,
                                              std::int64_t rows)>& f);

// A function of a batch, run over all rows of data [N, ...] -> [N, ...].
Tensor map_rows(const std::function<Var(const Batch& batch)>& f, const std::vector<Rows>& data,
                std::int64_t batch = 500);

// An objective over all rows as it is outside of training: no noise, full weights. Means over
// batches by their size, which is the mean over examples for terms that are.
struct ObjectiveMeans {
  double loss = 0;
  std::vector<NamedValue> terms;
  std::vector<NamedValue> parts;  // what each term adds to the loss
};
ObjectiveMeans objective_means(const ObjectiveFunction& objective, const std::vector<Rows>& data,
                               std::uint64_t seed = 0, std::int64_t batch = 100);

}  // namespace hourglass::nn

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "nn/data/rows.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// Where a training's batches come from: an epoch is `batches` of them, and `batch(epoch, index)`,
// epochs from 1, indices from 0, makes one: tensors of which the first is [B, ...]. It must give equal bytes
// for equal arguments: after a divergence steps are run again. Batches of another size or dtype get
// a program of their own.
struct DataSource {
  std::int64_t batches = 0;
  std::function<std::vector<Tensor>(int epoch, std::int64_t index)> batch;
};

// How many examples a step takes: as many as asked for, or else 128, or all where there are fewer.
// Throws Error where it is asked for more than there are, or less than 1.
std::int64_t batch_size(std::optional<std::int64_t> batch, std::int64_t examples);

// Rows [N, ...], which stay together, in batches of batch_size(batch, N) in an order
// drawn from (seed, epoch); the last is smaller where N is not a multiple. Throws Error where there
// are none, their numbers differ, or batch_size does.
DataSource shuffled_rows(std::vector<Rows> rows, std::optional<std::int64_t> batch,
                         std::uint64_t seed);

// The same of rows of a sparse matrix: each batch has the rows [B, D], then the same by their
// entries, the values [C], columns [C] and row starts [B + 1] of a CsrBatch; C is the most that a
// batch can hold.
DataSource shuffled_sparse_rows(const Rows& rows, std::optional<std::int64_t> batch,
                                std::uint64_t seed);

}  // namespace hourglass::nn

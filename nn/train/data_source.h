#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::nn {

// Where a training's batches come from: an epoch is `batches` of them, and `batch(epoch, index)`,
// epochs from 1, indices from 0, makes one: tensors [B, ...] with equal B. It must give equal bytes
// for equal arguments: after a divergence steps are run again. Batches of another size or dtype get
// a program of their own.
struct DataSource {
  std::int64_t batches = 0;
  std::function<std::vector<Tensor>(int epoch, std::int64_t index)> batch;
};

// The rows of tensors [N, ...], which stay together, in batches of `batch` in an order drawn from
// (seed, epoch); the last is smaller where N is not a multiple. Throws Error where there are no
// tensors or rows, their numbers differ, or batch < 1.
DataSource shuffled_rows(std::vector<Tensor> tensors, std::int64_t batch, std::uint64_t seed);

}  // namespace hourglass::nn

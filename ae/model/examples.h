#pragma once

#include <optional>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/sparse.h"
#include "nn/data/rows.h"
#include "nn/train/objective.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// What is learnt from or judged by: examples [N, D] as stored, in memory or not, and labels, i32
// [N], or none.
struct Examples {
  nn::Rows images;
  Tensor labels = {};
};

// Some of them in a graph: examples [B, D], and their classes, i32 [B], where the model asks for
// them.
struct Batch {
  Var images;
  Var labels = {};
  std::optional<SparseRows> sparse =
      {};  // the images by their entries, for encoders that take them
};

// The same as nn/train has them: the images, then the labels where there are any, or the three
// tensors of a nn::CsrBatch.
std::vector<nn::Rows> rows_of(const Examples& examples);
std::vector<Tensor> tensors_of(const Examples& few);  // in memory
Batch batch_of(const nn::Batch& tensors);

// The first of them, at most `count`.
Examples first_of(const Examples& examples, std::int64_t count);

}  // namespace hourglass::ae

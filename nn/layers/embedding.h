#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "nn/layers/init.h"
#include "nn/layers/visit.h"

namespace hourglass::nn {

// A row of weight [count, width] for each index: i32 [...] -> [..., width]. An index outside [0,
// count) is what take() makes of it. Throws Error, in its own name, unless the indices are i32.
struct Embedding {
  Var weight;

  Var operator()(const Var& indices) const;
  void visit(const Visitor& visitor);
};
// N(0, 1), as PyTorch's. Throws Error where a size is below 1.
Embedding make_embedding(std::int64_t count, std::int64_t width, InitSource& source);

}  // namespace hourglass::nn

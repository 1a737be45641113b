#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "nn/layers/init.h"
#include "nn/layers/visit.h"

namespace hourglass {
struct SparseRows;
}

namespace hourglass::nn {

// y = x W' + b: x [B, in], weight [out, in], bias [out] -> [B, out]. Laid out and named as
// PyTorch's Linear.
struct Linear {
  Var weight;
  Var bias;  // undefined for a layer without one

  // Throws Error, in its own name, for an x of another rank or width.
  Var operator()(const Var& x) const;
  // The same of sparse rows (autograd/ops/sparse.h), in time by their entries.
  Var operator()(const SparseRows& x) const;
  void visit(const Visitor& visitor);
};

// Throws Error where a width is below 1.
Linear make_linear(std::int64_t in, std::int64_t out, Init init, InitSource& source,
                   bool bias = true);

}  // namespace hourglass::nn

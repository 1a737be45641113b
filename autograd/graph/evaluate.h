#pragma once

#include <string>
#include <vector>

#include "autograd/graph/var.h"
#include "tensor/tensor.h"

namespace hourglass {

// An input and what it is fed with.
struct Feed {
  Var input;
  Tensor value;
};

// The reference interpreter: runs the graphs one kernel a node, in order, nothing clever. Throws
// Error when an input that is needed was not fed or was fed with another type.
std::vector<Tensor> evaluate(const std::vector<Var>& outputs, const std::vector<Feed>& feeds = {});

// Where a graph first turns non-finite: runs it node by node and names the first node, in order,
// that is not finite, with its type, label, scope and the ranges of its inputs: "square f32 [16,
// 36] in loss of -1e+30 to 2". Empty if everything is finite, which a compiled program's own
// rounding may explain.
std::string trace_non_finite(const std::vector<Var>& outputs, const std::vector<Feed>& feeds = {});

}  // namespace hourglass

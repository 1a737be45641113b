#pragma once

#include <optional>
#include <vector>

#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"

namespace hourglass {

// One application of an op as its simplification rule sees it. A rule gives a graph of `inputs`
// with the node's value, bit for bit but for the sign of a zero and a last bit, or nothing. Only
// structural zeros may go, as terms of a sum: x * 0 and x - x stay, since they are NaN where x is.
struct SimplifyCall {
  const Var& node;                 // the application: its op, its attributes, its type
  const std::vector<Var>& inputs;  // what it is applied to, simplified
  const VarSet& opaque;            // nodes that nobody may look into

  const Var& operator[](int i) const { return inputs[static_cast<std::size_t>(i)]; }
  // An application of `op` that may be looked into.
  bool is(const Var& x, const Op& op) const;
  // The number that every element of x is, where the graph says so: a scalar constant, perhaps
  // repeated (Op::repeats).
  std::optional<double> uniform(const Var& x) const;
  bool is_uniform(const Var& x, double value) const { return uniform(x) == value; }
};

}  // namespace hourglass

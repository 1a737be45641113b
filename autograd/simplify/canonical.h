#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/graph/var_map.h"
#include "autograd/simplify/local_rules.h"

namespace hourglass::internal {

// Makes equal graphs one graph: nodes that compute the same (the same op on the same inputs, either
// order where they commute) become one node, and the ops' local rules take away what costs without
// changing a value. Nodes that change nothing stay the very nodes they were.
class Canonical {
 public:
  // `fixed` nodes stay, and so does what they are made of; no other node becomes one of them.
  explicit Canonical(const std::vector<Var>& fixed);

  // The canonical node of x, made of canonical nodes.
  Var operator()(const Var& x);

 private:
  struct SameValue {
    std::size_t operator()(const Var& x) const;
    bool operator()(const Var& a, const Var& b) const;
  };

  Var canonical_of(const Var& node);
  std::optional<Var> simplified(const Var& node, const std::vector<Var>& inputs);

  VarMap<Var> done_;  // of what was seen
  std::unordered_set<Var, SameValue, SameValue> table_;
  std::unordered_map<Var, Var, SameValue, SameValue> folded_;  // ops on constants, to constants
  LocalRules rules_;
};

}  // namespace hourglass::internal

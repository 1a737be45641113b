#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "autograd/var.h"

namespace hourglass {

// Makes equal graphs one graph: nodes that compute the same (the same op on the same inputs, either
// order for a sum or a product) become one node, and local rules (local_rules.cc) take away what
// costs without changing a value. Nodes that change nothing stay the very nodes they were.
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

  std::unordered_map<std::uint64_t, Var> done_;  // by id, of what was seen
  std::unordered_set<Var, SameValue, SameValue> table_;
};

// The one local rule that applies to op(inputs), as a graph of the inputs; nothing if none does.
// Values are kept bit for bit, but for the sign of a zero and the last bit of pow(x, 2).
std::optional<Var> apply_local_rule(const Var& node, const std::vector<Var>& inputs);

// The number that every element is, where the graph says so: a scalar constant, spread or reshaped.
std::optional<double> uniform_value(const Var& x);

}  // namespace hourglass

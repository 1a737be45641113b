#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "autograd/graph/var_map.h"

namespace hourglass::internal {

// What simplify does to one node at a time: the rules of the ops themselves (Op::simplify), and
// constants worked out. Internal.
class LocalRules {
 public:
  // Rules do not look into `opaque` nodes, nor at the numbers of a constant among them.
  explicit LocalRules(const std::vector<Var>& opaque) : opaque_(opaque) {}

  // The rule that applies to op(inputs), as a graph of the inputs; nothing if none does.
  std::optional<Var> operator()(const Var& node, const std::vector<Var>& inputs) const;
  // Whether a node's inputs are small constants, and what it then is: a constant.
  bool folds(const Var& node) const;
  Var fold(const Var& node) const;

 private:
  static constexpr std::int64_t kMostFolded = 1 << 16;  // elements

  VarSet opaque_;
};

}  // namespace hourglass::internal

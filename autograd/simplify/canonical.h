#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/graph/var_map.h"
#include "autograd/simplify/local_rules.h"

namespace hourglass::internal {

inline std::size_t mix(std::size_t hash, std::size_t value) { return hash * 1000003 + value; }
std::size_t hash_without_inputs(const Var& x);  // of its op, type and attributes

// Nodes by what they compute: of those that compute the same, the first.
class FirstOfSame {
 public:
  const Var& operator()(const Var& x);  // x, unless one that computes the same came before

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // of a node, from 1; 0 where free
  };
  Slot& slot_for(std::uint32_t hash, const Var* x);
  void grow();

  std::vector<Var> nodes_;
  std::vector<Slot> slots_;  // at least twice as many as nodes
  int shift_ = 32;           // leaves as many bits of a hash as number the slots
};

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
  Var canonical_of(const Var& node);
  std::optional<Var> simplified(const Var& node, const std::vector<Var>& inputs);

  VarMap<Var> done_;  // of what was seen
  FirstOfSame first_;
  FirstOfSame on_constants_;
  VarMap<Var> folded_;  // of those on constants: the constants that they are
  LocalRules rules_;
};

}  // namespace hourglass::internal

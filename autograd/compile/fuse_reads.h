#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autograd/compile/spread.h"
#include "autograd/graph/var.h"
#include "autograd/graph/var_map.h"

namespace hourglass::internal {

// What fuse makes of a node.
enum class Role : std::uint8_t {
  kLeaf,
  kName,      // only gives its input's bytes another name (reshape)
  kOnTheWay,  // a broadcast that needs no memory: all its readers are loops, which spread its input
  kElement,   // a lane, a cast or a draw: can be made tile by tile
  kSum,
  kKernel  // all others
};

// A node is known by its position in the order.
using Position = std::size_t;

// What a loop reads: a node in memory or in the same loop, and how it spreads over the elements.
struct FusedRead {
  Position value = 0;
  Spread spread;
};

// What nodes read when names of the same bytes and broadcasts on the way are looked through.
// Internal to fuse.
class FusedReads {
 public:
  // `kept` must stay where they are.
  explicit FusedReads(const std::vector<Var>& kept);

  std::size_t size() const { return order_.size(); }
  const Var& node(Position x) const { return *order_[x]; }
  Position position(const Var& x) const { return positions_.find(x); }
  Role role(Position x) const { return roles_[x]; }
  bool is(Position x, Role role) const { return roles_[x] == role; }
  std::span<const Position> inputs(Position x) const {
    return std::span(inputs_).subspan(begin_[x], begin_[x + 1] - begin_[x]);
  }
  Position storage(Position x) const { return storage_[x]; }  // whose bytes x's are
  bool ordered(Position x) const {
    return ordered_[x];
  }  // is behind an `after`: for more than a value

  FusedRead read(Position reader, Position input) const;  // of an input of an element-wise reader

  // Calls f(node that must be computed before) for all that `x` needs.
  template <class F>
  void for_dependencies(Position x, F&& f) const {
    for (Position v : inputs(x)) {
      while (is(v, Role::kName) || is(v, Role::kOnTheWay)) {
        for (std::size_t k = 1; k < inputs(v).size(); ++k) f(storage(inputs(v)[k]));
        v = inputs(v)[0];
      }
      f(v);
    }
  }

 private:
  void find_on_the_way(const std::vector<Var>& kept);
  void settle_columns(Position x);

  VarPointers order_;
  VarIndex positions_;
  std::vector<Position> inputs_, begin_;  // of node x: inputs_[begin_[x]] to inputs_[begin_[x + 1]]
  std::vector<Position> storage_;
  std::vector<bool> ordered_;
  std::vector<Role> roles_;
};

}  // namespace hourglass::internal

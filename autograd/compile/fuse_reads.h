#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "autograd/compile/fuse.h"
#include "autograd/compile/spread.h"
#include "autograd/graph/op.h"

namespace hourglass {

bool renames(const Var& x);         // only gives its input's bytes another name
bool is_elementwise(const Var& x);  // a lane, a cast or a draw: can be made tile by tile
bool is_draw(const Var& x);         // of random numbers
bool is_sum(const Var& x);
bool waits(const Var& input);  // is behind an `after`: for more than its value, perhaps

// Sets a loop's length of rows if it is not fixed yet: false if it is, to another one.
bool fix_columns(std::int64_t& columns, std::int64_t wanted);

// What a loop reads: a node in memory or in the same loop, and how it spreads over the elements.
struct FusedRead {
  Var value;
  Spread spread;
};

// Which broadcasts need no memory, since all their readers are loops, which spread the input
// themselves; and what nodes read when such broadcasts are looked through. Internal to fuse.
class FusedReads {
 public:
  FusedReads(const std::vector<Var>& order, const std::vector<Var>& kept);

  bool on_the_way(const Var& x) const { return virtual_.count(x.node()) > 0; }
  FusedRead operand(const Var& reader, const Var& input) const;  // an input of the reader

  // Calls f(node that must be computed before) for all that `x` needs, looking through nodes that
  // rename.
  template <class F>
  void for_dependencies(const Var& x, F&& f) const {
    for (const Var& input : x.inputs()) {
      Var v = input;
      while (true) {
        if (renames(v)) {
          for (std::size_t k = 1; k < v.inputs().size(); ++k) f(storage_of(v.inputs()[k]));
          v = v.inputs()[0];
        } else if (on_the_way(v)) {
          v = v.inputs()[0];
        } else {
          break;
        }
      }
      f(v);
    }
  }

 private:
  void settle_columns(const Var& node);

  std::unordered_set<const Node*> virtual_;
};

}  // namespace hourglass

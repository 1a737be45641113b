#pragma once

#include <cstdint>
#include <vector>

#include "autograd/graph/cost.h"
#include "autograd/graph/var_map.h"

namespace hourglass::internal {

// A graph under replacement: which nodes the outputs still need, by counting their readers. Nodes
// keep their inputs; a replaced node is looked through wherever it is named. Internal to simplify.
class LiveGraph {
 public:
  explicit LiveGraph(const std::vector<Var>& outputs);

  std::int64_t readers(const Var& node) const {
    const std::int64_t* readers = readers_.find(node);
    return readers ? *readers : 0;
  }
  bool is_live(const Var& node) const { return readers(node) > 0; }
  bool is_replaced(const Var& node) const { return replaced_.contains(node); }
  const Var& target(
      const Var& node) const;  // what stands in a node's place, itself if nothing does

  // What replacing a live node would bring in, and what it would make useless.
  struct Change {
    Cost born, died;
  };
  Change try_replace(const Var& node, const Var& replacement);  // changes nothing
  void replace(const Var& node, const Var& replacement);

  // The outputs as an ordinary graph again.
  std::vector<Var> outputs() const;

 private:
  using Nodes = std::vector<Var>;

  // One reader more (or less): whatever comes to life (dies) by that is counted.
  Cost acquire(const Nodes& nodes);
  Cost release(const Nodes& nodes);

  Nodes outputs_;
  VarMap<std::int64_t> readers_;
  VarMap<Var> replaced_;
};

}  // namespace hourglass::internal

#include "autograd/simplify/live_graph.h"

#include <algorithm>

#include "autograd/graph/op.h"

namespace hourglass::internal {
namespace {

void count(Cost& total, const Var& node) {
  const Cost cost = node_cost(node);
  total.multiply_adds += cost.multiply_adds;
  total.largest_buffer = std::max(total.largest_buffer, cost.largest_buffer);
}

// What is still to be walked, by address: nodes keep their inputs.
using Waiting = std::vector<const Var*>;

void push(Waiting& waiting, const std::vector<Var>& nodes) {
  for (const Var& node : nodes) waiting.push_back(&node);
}

}  // namespace

LiveGraph::LiveGraph(const std::vector<Var>& outputs) : outputs_(outputs) { acquire(outputs); }

const Var& LiveGraph::target(const Var& node) const {
  const Var* result = &node;
  while (const Var* next = replaced_.find(*result)) result = next;
  return *result;
}

Cost LiveGraph::acquire(const Nodes& nodes) {
  Cost born;
  Waiting waiting;
  push(waiting, nodes);
  while (!waiting.empty()) {
    const Var& node = target(*waiting.back());
    waiting.pop_back();
    if (readers_[node]++ > 0) continue;
    count(born, node);
    push(waiting, node.inputs());
  }
  return born;
}

Cost LiveGraph::release(const Nodes& nodes) {
  Cost died;
  Waiting waiting;
  push(waiting, nodes);
  while (!waiting.empty()) {
    const Var& node = target(*waiting.back());
    waiting.pop_back();
    if (--readers_.at(node) > 0) continue;
    count(died, node);
    push(waiting, node.inputs());
  }
  return died;
}

LiveGraph::Change LiveGraph::try_replace(const Var& node, const Var& replacement) {
  Change change;
  change.born = acquire({replacement});
  change.died = release(node.inputs());
  count(change.died, node);
  acquire(node.inputs());
  release({replacement});
  return change;
}

void LiveGraph::replace(const Var& node, const Var& replacement) {
  acquire({replacement});
  release(node.inputs());
  std::int64_t& readers = readers_.at(node);
  readers_.at(target(replacement)) += readers - 1;
  readers = 0;
  replaced_.insert(node, replacement);
}

std::vector<Var> LiveGraph::outputs() const {
  VarMap<Var> built;
  Nodes waiting = outputs_;
  while (!waiting.empty()) {
    const Var node = target(waiting.back());
    if (built.contains(node)) {
      waiting.pop_back();
      continue;
    }
    const std::size_t before = waiting.size();
    Nodes inputs;
    for (const Var& input : node.inputs()) {
      if (const Var* found = built.find(target(input))) {
        inputs.push_back(*found);
      } else {
        waiting.push_back(input);
      }
    }
    if (waiting.size() > before) continue;
    waiting.pop_back();
    built.insert(node, is_leaf(node) ? node : reapply(node, std::move(inputs)));
  }
  Nodes result;
  for (const Var& output : outputs_) result.push_back(built.at(target(output)));
  return result;
}

}  // namespace hourglass::internal

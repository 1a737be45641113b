#include "autograd/simplify/live_graph.h"

#include <algorithm>

#include "autograd/graph/op.h"

namespace hourglass {
namespace {

void count(Cost& total, const Var& node) {
  const Cost cost = node_cost(node);
  total.multiply_adds += cost.multiply_adds;
  total.largest_buffer = std::max(total.largest_buffer, cost.largest_buffer);
}

}  // namespace

LiveGraph::LiveGraph(const std::vector<Var>& outputs) : outputs_(outputs) { acquire(outputs); }

bool LiveGraph::is_live(const Var& node) const {
  const auto found = readers_.find(node.id());
  return found != readers_.end() && found->second > 0;
}

Var LiveGraph::target(const Var& node) const {
  Var result = node;
  for (auto next = replaced_.find(result.id()); next != replaced_.end();
       next = replaced_.find(result.id())) {
    result = next->second;
  }
  return result;
}

Cost LiveGraph::acquire(const Nodes& nodes) {
  Cost born;
  Nodes waiting = nodes;
  while (!waiting.empty()) {
    const Var node = target(waiting.back());
    waiting.pop_back();
    if (readers_[node.id()]++ > 0) continue;
    count(born, node);
    waiting.insert(waiting.end(), node.inputs().begin(), node.inputs().end());
  }
  return born;
}

Cost LiveGraph::release(const Nodes& nodes) {
  Cost died;
  Nodes waiting = nodes;
  while (!waiting.empty()) {
    const Var node = target(waiting.back());
    waiting.pop_back();
    if (--readers_.at(node.id()) > 0) continue;
    count(died, node);
    waiting.insert(waiting.end(), node.inputs().begin(), node.inputs().end());
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
  std::int64_t& readers = readers_.at(node.id());
  readers_.at(target(replacement).id()) += readers - 1;
  readers = 0;
  replaced_.emplace(node.id(), replacement);
}

std::vector<Var> LiveGraph::outputs() const {
  std::unordered_map<std::uint64_t, Var> built;
  Nodes waiting = outputs_;
  while (!waiting.empty()) {
    const Var node = target(waiting.back());
    if (built.count(node.id())) {
      waiting.pop_back();
      continue;
    }
    const std::size_t before = waiting.size();
    Nodes inputs;
    for (const Var& input : node.inputs()) {
      const auto found = built.find(target(input).id());
      if (found != built.end()) {
        inputs.push_back(found->second);
      } else {
        waiting.push_back(input);
      }
    }
    if (waiting.size() > before) continue;
    waiting.pop_back();
    built.emplace(node.id(), is_leaf(node) ? node : reapply(node, std::move(inputs)));
  }
  Nodes result;
  for (const Var& output : outputs_) result.push_back(built.at(target(output).id()));
  return result;
}

}  // namespace hourglass

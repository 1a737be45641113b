#include "autograd/graph/graph.h"

#include <utility>

#include "autograd/graph/node.h"
#include "tensor/error.h"

namespace hourglass {

VarPointers walk(const std::vector<Var>& outputs, VarSet& seen, const Replacements& stop) {
  std::vector<FoundVar> found;  // nodes keep their inputs
  const auto find = [&](const std::vector<Var>& nodes) {
    for (const Var& x : nodes) {
      if (seen.insert(x)) found.emplace_back(x);
    }
  };
  for (const Var& output : outputs) {
    if (!output.defined())
      throw Error("graph: an output is an empty Var: nothing was assigned to it");
  }
  find(outputs);
  for (std::size_t next = 0; next < found.size(); ++next) {
    const Var& node = *found[next].node;
    if (!stop.contains(node)) find(node.inputs());
  }
  return sorted_by_id(std::move(found));
}

std::vector<Var> ancestors(const std::vector<Var>& outputs, const Replacements& stop) {
  VarSet seen;
  std::vector<Var> order;
  for (const Var* node : walk(outputs, seen, stop)) order.push_back(*node);
  return order;
}

std::vector<Var> reading_order(const Var& y) {
  VarSet seen(std::vector<Var>{y});
  std::vector<Var> found;
  std::vector<std::pair<Var, std::size_t>> open = {{y, 0}};  // and which input is next
  while (!open.empty()) {
    auto& [node, next] = open.back();
    if (next < node.inputs().size()) {
      const Var& input = node.inputs()[next++];
      if (seen.insert(input)) open.emplace_back(input, 0);
    } else {
      found.push_back(node);
      open.pop_back();
    }
  }
  return found;
}

std::vector<bool> depends_on(const std::vector<Var>& order, const std::vector<Var>& xs) {
  VarSet dependent(xs);
  std::vector<bool> result(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    bool depends = dependent.contains(order[i]);
    for (const Var& input : order[i].inputs()) depends = depends || dependent.contains(input);
    if (depends) dependent.insert(order[i]);
    result[i] = depends;
  }
  return result;
}

std::vector<Var> rebuild(const std::vector<Var>& outputs, const Rewrite& rewrite,
                         Replacements built) {
  std::vector<Var> inputs;
  for (const Var& node : ancestors(outputs, built)) {
    if (built.contains(node)) continue;
    inputs.clear();
    for (const Var& input : node.inputs()) inputs.push_back(built.at(input));
    built.insert(node, rewrite(node, inputs));
  }
  std::vector<Var> result;
  for (const Var& output : outputs) result.push_back(built.at(output));
  return result;
}

}  // namespace hourglass

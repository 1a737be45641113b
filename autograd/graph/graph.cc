#include "autograd/graph/graph.h"

#include <algorithm>

#include "autograd/graph/node.h"
#include "tensor/error.h"

namespace hourglass {

std::vector<Var> ancestors(const std::vector<Var>& outputs) { return ancestors(outputs, {}); }

std::vector<Var> ancestors(const std::vector<Var>& outputs, const Replacements& stop) {
  VarSet seen;
  std::vector<Var> found;
  for (const Var& output : outputs) {
    if (!output.defined())
      throw Error("graph: an output is an empty Var: nothing was assigned to it");
    if (seen.insert(output)) found.push_back(output);
  }
  for (std::size_t next = 0; next < found.size(); ++next) {
    const Node* node = found[next].node();  // found may move while inputs are added
    if (stop.contains(found[next])) continue;
    for (const Var& input : node->inputs) {
      if (seen.insert(input)) found.push_back(input);
    }
  }
  std::sort(found.begin(), found.end(), [](const Var& a, const Var& b) { return a.id() < b.id(); });
  return found;
}

std::vector<bool> depends_on(const std::vector<Var>& order, const std::vector<Var>& xs) {
  VarSet dependent(xs);
  std::vector<bool> result(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    bool depends = dependent.contains(order[i]);
    for (const Var& input : order[i].inputs()) {
      depends = depends || dependent.contains(input);
    }
    if (depends) dependent.insert(order[i]);
    result[i] = depends;
  }
  return result;
}

std::vector<Var> rebuild(const std::vector<Var>& outputs, const Rewrite& rewrite,
                         Replacements fixed) {
  Replacements& built = fixed;
  std::vector<Var> inputs;
  for (const Var& node : ancestors(outputs, fixed)) {
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

#include "autograd/graph/cost.h"

#include <algorithm>

#include "autograd/graph/graph.h"

namespace hourglass {

double cost_nothing(const Call&) { return 0; }

double cost_per_output(const Call& call) { return static_cast<double>(call.output.elements()); }

double cost_per_input(const Call& call) {
  double most = 0;
  for (const Var& x : call.inputs) most = std::max(most, static_cast<double>(x.elements()));
  return most;
}

Cost node_cost(const Var& node) {
  const Op& op = node.op();
  if (op.leaf) return {};
  const auto elements = static_cast<double>(node.elements());
  if (!op.cost && (op.is_lane() || op.is_random())) return {elements, elements};
  return {(op.cost ? op.cost : cost_per_input)(call_of(node)), elements};
}

Cost graph_cost(const std::vector<Var>& outputs) {
  Cost total;
  for (const Var& node : ancestors(outputs)) {
    const Cost cost = node_cost(node);
    total.multiply_adds += cost.multiply_adds;
    total.largest_buffer = std::max(total.largest_buffer, cost.largest_buffer);
  }
  return total;
}

}  // namespace hourglass

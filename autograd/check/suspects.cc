#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "autograd/check/problem.h"
#include "autograd/graph/evaluate.h"
#include "autograd/graph/graph.h"
#include "autograd/ops/handles.h"
#include "tensor/error.h"
#include "tensor/kernels.h"

namespace hourglass::check {

using namespace internal;

namespace {

bool is_finite(const Tensor& t) {
  return !is_real(t.dtype()) || kernels::all_finite(t.dtype(), t.raw(), t.elements());
}

constexpr std::size_t kMostNodes = 200;

// Their derivative is not meant to be that of their value.
bool is_exempt(const Op& op) { return op.leaf || &op == &stop_gradient_op || op.is_random(); }

// Equal for applications that one check speaks for.
std::string signature(const Var& node) {
  return fmt::format("{} {} {}", node.op().name, to_string(node.attributes()),
                     inputs_text(call_of(node)));
}

// One application per signature, of those that depend on the variables.
std::vector<Var> candidates(const Problem& problem, const Var& scalar) {
  const std::vector<Var> order = ancestors({scalar});
  const std::vector<bool> varies = depends_on(order, problem.variables);
  std::set<std::string> seen;
  std::vector<Var> nodes;
  for (std::size_t i = 0; i < order.size() && nodes.size() < kMostNodes; ++i) {
    if (!varies[i] || is_exempt(order[i].op()) || !is_real(order[i].dtype())) continue;
    if (seen.insert(signature(order[i])).second) nodes.push_back(order[i]);
  }
  return nodes;
}

// The application on its own: the argument varied, the others fed.
Problem alone(const Var& node, std::size_t argument, const std::vector<Feed>& feeds) {
  Problem p;
  p.point = evaluate(node.inputs(), feeds);
  for (const Var& x : node.inputs()) p.inputs.push_back(input(x.shape(), x.dtype()));
  p.variables = {p.inputs[argument]};
  p.names = {fmt::format("argument {}", argument)};
  p.y = apply(node.op(), p.inputs, node.attributes());
  return p;
}

}  // namespace

std::vector<std::string> suspects(const Problem& problem, const Var& scalar, int order,
                                  const CheckOptions& options) {
  CheckOptions few = options;
  few.directions = 4;
  std::vector<std::string> found;
  for (const Var& node : candidates(problem, scalar)) {
    for (std::size_t k = 0; k < node.inputs().size(); ++k) {
      const Var& x = node.inputs()[k];
      const bool ordering = k > 0 && node.op().orders;
      if (x.dtype() != DType::kF64 || x.elements() == 0 || ordering) continue;
      const Problem single = alone(node, k, problem.feeds());
      // What is given NaN or inf is not to blame for more of them.
      if (!std::all_of(single.point.begin(), single.point.end(), is_finite)) continue;
      const CheckOutcome outcome = run(single, order, few, false).findings.back().outcome;
      const bool wrong = outcome == CheckOutcome::kWrong;
      if (!wrong && outcome != CheckOutcome::kNotFinite) continue;
      const std::string scope = node.scope().empty() ? "" : " in " + node.scope();
      found.push_back(fmt::format("{} by itself: {}, argument {}{}: {}",
                                  wrong ? "wrong" : "not finite", node.op().name, k, scope,
                                  inputs_text(call_of(node))));
    }
  }
  return found;
}

}  // namespace hourglass::check

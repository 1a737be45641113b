#include <fmt/core.h>

#include <unordered_map>

#include "autograd/graph.h"
#include "autograd/node.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "autograd/transform.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

void check_differentiable(const char* who, const char* what, const Var& x) {
  if (!x.defined()) {
    throw Error(fmt::format("{}: {} is an empty Var: nothing was assigned to it", who, what));
  }
  if (!is_real(x.dtype())) {
    throw Error(fmt::format("{}: only f32 and f64 have derivatives: {}={} {}", who, what,
                            name_of(x.dtype()), to_string(x.shape())));
  }
}

void check_differentiable(const char* who, const Var& y, const std::vector<Var>& xs) {
  check_differentiable(who, "y", y);
  for (const Var& x : xs) check_differentiable(who, "x", x);
}

void check_like(const char* who, const char* what, const Var& given, const char* whose,
                const Var& like) {
  if (!given.defined()) {
    throw Error(fmt::format("{}: {} is an empty Var: nothing was assigned to it", who, what));
  }
  if (given.shape() == like.shape() && given.dtype() == like.dtype()) return;
  throw Error(fmt::format("{}: the {} must have {}'s type: {}={} {}, {}={} {}", who, what, whose,
                          what, name_of(given.dtype()), to_string(given.shape()), whose,
                          name_of(like.dtype()), to_string(like.shape())));
}

// The cotangent of one input, or an undefined Var for a structural zero.
Var input_cotangent(const Var& node, int argument, const Var& g) {
  const Derivative& derivative = node.op().derivative(argument);
  if (derivative.rule == nullptr) {
    if (derivative.kind == NoRule::kZero) return {};
    throw Error(fmt::format("{}: has no derivative for argument {}: {}", node.op().name, argument,
                            inputs_text(call_of(node))));
  }
  Call call = call_of(node);
  call.argument = argument;
  const Var result = derivative.rule(call, g);
  const Var& input = node.inputs()[static_cast<std::size_t>(argument)];
  if (result.defined() && (result.shape() != input.shape() || result.dtype() != input.dtype())) {
    throw Error(fmt::format("{}: its derivative rule for argument {} gives {} {}: expected {} {}",
                            node.op().name, argument, name_of(result.dtype()),
                            to_string(result.shape()), name_of(input.dtype()),
                            to_string(input.shape())));
  }
  return result;
}

// Reverse mode: users before inputs, each node's cotangent complete before it is handed on.
class Reverse {
 public:
  Reverse(const Var& y, const std::vector<Var>& xs)
      : order_(ancestors({y})), needed_(depends_on(order_, xs)) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (needed_[i]) cotangents_.emplace(order_[i].node(), Var());
    }
  }

  void run(const Var& y, const Var& cotangent) {
    add(y, cotangent);
    for (std::size_t i = order_.size(); i-- > 0;) {
      if (!needed_[i]) continue;
      const Var& node = order_[i];
      const Var g = cotangents_.at(node.node());
      if (!g.defined()) continue;
      // What is derived from a node belongs where the node does.
      const LabelScope scope(LabelScope::Absolute{node.node()->scope});
      for (std::size_t k = 0; k < node.inputs().size(); ++k) {
        const Var& input = node.inputs()[k];
        if (!cotangents_.count(input.node()) || !is_real(input.dtype())) continue;
        const Var contribution = input_cotangent(node, static_cast<int>(k), g);
        if (contribution.defined()) add(input, contribution);
      }
    }
  }

  Var result(const Var& x) const {
    const auto found = cotangents_.find(x.node());
    return found != cotangents_.end() && found->second.defined() ? found->second : zeros_like(x);
  }

 private:
  void add(const Var& node, const Var& contribution) {
    const auto found = cotangents_.find(node.node());
    if (found == cotangents_.end()) return;
    Var& sum = found->second;
    sum = sum.defined() ? sum + contribution : contribution;
  }

  std::vector<Var> order_;
  std::vector<bool> needed_;
  std::unordered_map<const Node*, Var> cotangents_;
};

std::vector<Var> pull_back(const Var& y, const std::vector<Var>& xs, const Var& cotangent) {
  Reverse reverse(y, xs);
  reverse.run(y, cotangent);
  std::vector<Var> result;
  for (const Var& x : xs) result.push_back(reverse.result(x));
  return result;
}

}  // namespace

std::vector<Var> vjp(const Var& y, const std::vector<Var>& xs, const Var& cotangent) {
  check_differentiable("vjp", y, xs);
  check_like("vjp", "cotangent", cotangent, "y", y);
  return pull_back(y, xs, cotangent);
}

std::vector<Var> grad(const Var& y, const std::vector<Var>& xs) {
  check_differentiable("grad", y, xs);
  if (y.rank() != 0) {
    throw Error(fmt::format(
        "grad: y must be a scalar: y={}: take its sum or mean, or use vjp with a cotangent",
        to_string(y.shape())));
  }
  return pull_back(y, xs, constant(1, y.dtype()));
}

Var grad(const Var& y, const Var& x) { return grad(y, std::vector<Var>{x})[0]; }

Var jvp(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& tangents) {
  check_differentiable("jvp", y, xs);
  if (xs.size() != tangents.size()) {
    throw Error(fmt::format("jvp: needs one tangent an x: {} vs {}", tangents.size(), xs.size()));
  }
  // An opaque leaf, never a zero constant, which would be folded and erase the derivative.
  const Var dummy = input(y.shape(), y.dtype());
  const std::vector<Var> pulled = pull_back(y, xs, dummy);
  Var total;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    check_like("jvp", "tangent", tangents[i], "x", xs[i]);
    const Var part = pull_back(pulled[i], {dummy}, tangents[i])[0];
    total = total.defined() ? total + part : part;
  }
  return total.defined() ? total : zeros_like(y);
}

}  // namespace hourglass

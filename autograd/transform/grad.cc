#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/errors.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/by_rules.h"
#include "autograd/transform/checkpoint.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

void check_all_differentiable(const char* who, const Var& y, const std::vector<Var>& xs) {
  check_differentiable(y, who, "y");
  for (const Var& x : xs) check_differentiable(x, who, "x");
}

void check_like(const char* who, const char* what, const Var& given, const char* whose,
                const Var& like) {
  check_defined(given, who, what);
  if (given.shape() == like.shape() && given.dtype() == like.dtype()) return;
  throw Error(fmt::format("{}: the {} must have {}'s type: {}={}, {}={}", who, what, whose, what,
                          type_text(given), whose, type_text(like)));
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
    throw Error(fmt::format("{}: its derivative rule for argument {} gives {}: expected {}",
                            node.op().name, argument, type_text(result), type_text(input)));
  }
  return result;
}

// Reverse mode: users before inputs, each node's cotangent complete before it is handed on.
class Reverse {
 public:
  Reverse(const Var& y, const std::vector<Var>& xs)
      : order_(reading_order(y)), needed_(depends_on(order_, xs)), asked_(xs) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (needed_[i]) cotangents_.insert(order_[i], Var());
    }
  }

  void run(const Var& y, const Var& cotangent) {
    add(y, cotangent);
    for (std::size_t i = order_.size(); i-- > 0;) {
      if (!needed_[i]) continue;
      const Var& node = order_[i];
      const Var g = cotangents_.at(node);
      if (!g.defined()) continue;
      // What is derived from a node belongs where the node does.
      const LabelScope scope(scope_of_rule(node));
      if (is_checkpoint(node)) {
        recompute(node, g);
        continue;
      }
      for (std::size_t k = 0; k < node.inputs().size(); ++k) {
        const Var& input = node.inputs()[k];
        if (!cotangents_.contains(input) || !is_real(input.dtype())) continue;
        add(input, input_cotangent(node, static_cast<int>(k), g));
      }
    }
  }

  // Undefined where y does not depend on x.
  Var cotangent(const Var& x) const {
    const Var* found = cotangents_.find(x);
    return found ? *found : Var();
  }

 private:
  // An undefined contribution is a structural zero.
  void add(const Var& node, const Var& contribution) {
    Var* sum = contribution.defined() ? cotangents_.find(node) : nullptr;
    if (sum) *sum = sum->defined() ? *sum + contribution : contribution;
  }

  // The derivative through a checkpoint: its nodes are built again over `after(read, g)`, so that
  // they run once the cotangent is there, and the cotangent goes through the copy.
  void recompute(const Var& mark, const Var& g) {
    const CheckpointRegion region = checkpoint_region(mark);
    const bool keep = std::any_of(region.inside.begin(), region.inside.end(),
                                  [&](const Var& node) { return asked_.contains(node); });
    if (keep || region.inside.empty()) return add(mark.inputs()[0], g);
    Replacements copies;
    std::vector<Var> reads, copied_reads;
    for (const Var& read : region.reads) {
      const bool derived = cotangents_.contains(read) && is_real(read.dtype());
      const bool is_argument = std::any_of(mark.inputs().begin() + 1, mark.inputs().end(),
                                           [&](const Var& x) { return x.same(read); });
      if (!derived && !is_argument) continue;
      const Var copy = after(read, g);
      copies.insert(read, copy);
      if (!derived) continue;
      reads.push_back(read);
      copied_reads.push_back(copy);
    }
    const auto again = [](const Var& node, const std::vector<Var>& inputs) {
      return reapply(node, inputs);
    };
    const Var y = rebuild({mark.inputs()[0]}, again, std::move(copies))[0];
    Reverse inner(y, copied_reads);
    inner.run(y, g);
    for (std::size_t i = 0; i < reads.size(); ++i) add(reads[i], inner.cotangent(copied_reads[i]));
  }

  std::vector<Var> order_;
  std::vector<bool> needed_;
  VarSet asked_;  // the xs
  VarMap<Var> cotangents_;
};

std::vector<Var> pull_back(const Var& y, const std::vector<Var>& xs, const Var& cotangent) {
  Reverse reverse(y, xs);
  reverse.run(y, cotangent);
  std::vector<Var> result;
  for (const Var& x : xs) {
    const Var g = reverse.cotangent(x);
    result.push_back(g.defined() ? g : zeros_like(x));
  }
  return result;
}

// A checkpoint's recomputation waits for the cotangent, here a dummy that is never there. Tangents
// run along with the values and have nothing to wait for.
Var without_waiting(const Var& y, const Var& dummy) {
  const std::vector<Var> order = ancestors({y});
  const std::vector<bool> depends = depends_on(order, {dummy});
  VarSet waiting;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (depends[i]) waiting.insert(order[i]);
  }
  if (waiting.empty()) return y;
  const Var result = rebuild({y}, [&](const Var& node, const std::vector<Var>& inputs) {
    if (is_after(node) && waiting.contains(node.inputs()[1])) return inputs[0];
    return reapply(node, inputs);
  })[0];
  if (depends_on(ancestors({result}), {dummy}).back()) {
    throw Error("jvp: a derivative rule between x and y is not linear in its cotangent");
  }
  return result;
}

}  // namespace

std::vector<Var> vjp(const Var& y, const std::vector<Var>& xs, const Var& cotangent) {
  check_all_differentiable("vjp", y, xs);
  check_like("vjp", "cotangent", cotangent, "y", y);
  return pull_back(y, xs, cotangent);
}

std::vector<Var> grad(const Var& y, const std::vector<Var>& xs) {
  check_all_differentiable("grad", y, xs);
  if (y.rank() != 0) {
    throw Error(fmt::format(
        "grad: y must be a scalar: y={}: take its sum or mean, or use vjp with a cotangent",
        to_string(y.shape())));
  }
  // Once before, so that the derivative is that of the cheap form, and once after, beside y, which
  // most users want too: what y needs anyway is not written in another way.
  const Var cheap = simplify({y}, xs)[0];
  std::vector<Var> result = pull_back(cheap, xs, constant(1, y.dtype()));
  result.push_back(cheap);
  result = simplify(result, xs);
  result.pop_back();
  return result;
}

Var grad(const Var& y, const Var& x) { return grad(y, std::vector<Var>{x})[0]; }

Var jvp(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& tangents) {
  check_all_differentiable("jvp", y, xs);
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
  return total.defined() ? without_waiting(total, dummy) : zeros_like(y);
}

}  // namespace hourglass

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string_view>

#include "autograd/compile/program.h"
#include "autograd/graph/graph.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/corruption.h"

namespace hourglass::testing {
namespace {

using Vars = std::vector<Var>;

// --- one node of the rule's graph replaced

bool same_type(const Var& a, const Var& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype();
}

// Adds the application to the variants if the op takes it and it has the node's type.
void try_apply(Vars& variants, const Var& node, const Op& op, const Vars& inputs,
               const Attributes& attributes) {
  try {
    const Var other = apply(op, inputs, attributes);
    if (same_type(other, node)) variants.push_back(other);
  } catch (const Error&) {
    // Its type rule refuses: not a fault that a graph could hold.
  }
}

Vars without_term(const Var& node) {
  if (node.op().name == "add") return {node.inputs()[0], node.inputs()[1]};
  if (node.op().name == "subtract") return {node.inputs()[0], -node.inputs()[1]};
  return {};
}

// A function of one input left out: x for f(x).
Vars without_function(const Var& node) {
  if (node.inputs().size() != 1 || !same_type(node, node.inputs()[0])) return {};
  return {node.inputs()[0]};
}

Vars with_swapped_operands(const Var& node) {
  static const std::vector<std::string_view> commutative = {"add",     "multiply", "maximum",
                                                            "minimum", "equal",    "not_equal"};
  Vars variants;
  if (std::count(commutative.begin(), commutative.end(), node.op().name)) return variants;
  const Vars& inputs = node.inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = i + 1; j < inputs.size(); ++j) {
      if (inputs[i].same(inputs[j]) || !same_type(inputs[i], inputs[j])) continue;
      Vars swapped = inputs;
      std::swap(swapped[i], swapped[j]);
      try_apply(variants, node, node.op(), swapped, node.attributes());
    }
  }
  return variants;
}

using Sizes = std::vector<std::int64_t>;

// One attribute a little off: by one, a flag turned, two numbers of a list exchanged.
std::vector<Attribute> other_values(const Attribute& value) {
  std::vector<Attribute> others;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    others = {*integer + 1};
    if (*integer > 0) others.emplace_back(*integer - 1);
  } else if (const auto* real = std::get_if<double>(&value)) {
    others = {*real == 0 ? 0.5 : 1.25 * *real};
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    others = {!*flag};
  } else if (const auto* list = std::get_if<Sizes>(&value)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      Sizes more = *list, less = *list;
      ++more[i];
      --less[i];
      others.emplace_back(more);
      if (less[i] >= 0) others.emplace_back(less);
      if (i + 1 == list->size() || (*list)[i] == (*list)[i + 1]) continue;
      Sizes exchanged = *list;
      std::swap(exchanged[i], exchanged[i + 1]);
      others.emplace_back(exchanged);
    }
  }
  return others;
}

// Do two nodes of equal inputs compute the same from numbers that are all different?
bool computes_the_same(const Var& a, const Var& b) {
  std::vector<Feed> feeds;
  Vars fresh;
  for (const Var& x : a.inputs()) {
    fresh.push_back(input(x.shape(), x.dtype()));
    Tensor numbers(x.shape(), DType::kF64);
    for (std::int64_t i = 0; i < x.elements() && is_real(x.dtype()); ++i) {
      numbers.data<double>()[i] = 100 * std::sin(static_cast<double>(i + 1));
    }
    feeds.push_back({fresh.back(), numbers.cast(x.dtype())});
  }
  const std::vector<Tensor> values =
      evaluate({apply(a.op(), fresh, a.attributes()), apply(b.op(), fresh, b.attributes())}, feeds);
  return values[0].values() == values[1].values();
}

// A step of 2 for one of 1 in an axis of size 1 is no fault.
Vars without_equals(const Var& node, Vars variants) {
  std::erase_if(variants, [&](const Var& other) { return computes_the_same(node, other); });
  return variants;
}

Vars with_other_attribute(const Var& node) {
  Vars variants;
  for (const auto& [name, value] : node.attributes().entries()) {
    for (const Attribute& other : other_values(value)) {
      try_apply(variants, node, node.op(), node.inputs(), node.attributes().with(name, other));
    }
  }
  return without_equals(node, variants);
}

// Stride for dilation: two attributes of one kind exchanged.
Vars with_exchanged_attributes(const Var& node) {
  Vars variants;
  const auto& entries = node.attributes().entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t j = i + 1; j < entries.size(); ++j) {
      const auto& a = entries[i].second;
      const auto& b = entries[j].second;
      if (a.index() != b.index() || a == b) continue;
      const auto* list = std::get_if<Sizes>(&a);
      if (list && list->size() != std::get<Sizes>(b).size()) continue;
      const Attributes exchanged =
          node.attributes().with(entries[i].first, b).with(entries[j].first, a);
      try_apply(variants, node, node.op(), node.inputs(), exchanged);
    }
  }
  return without_equals(node, variants);
}

Vars with_other_constant(const Var& node) {
  if (!is_constant(node) || !is_real(node.dtype()) || node.elements() == 0) return {};
  std::vector<double> values = node.tensor().values();
  for (double& value : values) value = value == 0 ? 0.5 : 1.25 * value;
  return {constant(Tensor::from(values, node.shape()).cast(node.dtype()))};
}

// The function that is easily taken for it.
Vars with_neighbour(const Var& node) {
  static const std::map<std::string_view, std::string_view> neighbours = {
      {"sin", "cos"},         {"cos", "sin"},         {"exp", "expm1"},
      {"expm1", "exp"},       {"tanh", "sigmoid"},    {"sigmoid", "tanh"},
      {"square", "abs"},      {"abs", "square"},      {"add", "subtract"},
      {"subtract", "add"},    {"multiply", "divide"}, {"divide", "multiply"},
      {"maximum", "minimum"}, {"minimum", "maximum"}, {"less", "less_equal"},
      {"less_equal", "less"}, {"equal", "not_equal"}, {"not_equal", "equal"},
      {"log", "log1p"},       {"log1p", "log"},       {"sqrt", "rsqrt"},
      {"rsqrt", "sqrt"},      {"sign", "abs"},        {"reciprocal", "negate"},
      {"argmax", "argmin"},   {"gelu", "gelu_tanh"}};
  Vars variants;
  const auto found = neighbours.find(node.op().name);
  if (found != neighbours.end()) {
    try_apply(variants, node, *find_op(found->second), node.inputs(), node.attributes());
  }
  return variants;
}

std::string describe(const Var& x) {
  const std::string number =
      is_constant(x) && x.rank() == 0 ? fmt::format(" {:.6g}", x.tensor().item()) : "";
  return fmt::format("{}{} {{{}}}", x.op().name, number, to_string(x.attributes()));
}

// The rule's graph with variant number `pick`, counted over all nodes, in its node's place.
template <Vars (*variants)(const Var& node)>
Var with_one(const RuleGraph& rule) {
  Replacements fixed;
  for (const Var& given : rule.given) fixed.insert(given, given);
  int number = rule.pick;
  for (const Var& node : ancestors({rule.right}, fixed)) {
    if (fixed.contains(node)) continue;
    for (const Var& variant : variants(node)) {
      if (number-- > 0) continue;
      edit_detail() = describe(node) + " -> " + describe(variant);
      fixed.insert(node, variant);
      const auto again = [](const Var& x, const Vars& inputs) { return reapply(x, inputs); };
      return rebuild({rule.right}, again, std::move(fixed))[0];
    }
  }
  return {};
}

// --- the result as a whole

int moving_axis(const Var& x) {
  for (int axis = x.rank(); axis-- > 0;) {
    if (x.size(axis) > 1) return axis;
  }
  return -1;
}

Var shifted(const RuleGraph& r) {
  const int axis = moving_axis(r.right);
  if (axis < 0) return {};
  return concat({slice(r.right, axis, {1}), slice(r.right, axis, {0, 1})}, axis);
}

Var flipped(const RuleGraph& r) {
  const int axis = moving_axis(r.right);
  return axis < 0 ? Var() : flip(r.right, {axis});
}

template <int millionths>
Var scaled(const RuleGraph& r) {
  if (is_real(r.right.dtype())) return r.right * (1 + 1e-6 * millionths);
  return r.right.dtype() == DType::kI32 ? r.right + 1 : Var();
}

Var negated(const RuleGraph& r) { return r.right.dtype() == DType::kU8 ? Var() : -r.right; }
Var zero(const RuleGraph& r) { return zeros_like(r.right); }

// --- right to a first order, wrong to a higher one

bool is_structural_zero(const Var& x) {
  const Var& source = x.op().name == "broadcast_to" ? x.inputs()[0] : x;
  return is_constant(source) && source.rank() == 0 && source.tensor().item() == 0;
}

Vars real_inputs(const Call& call) {
  Vars xs;
  for (const Var& x : call.inputs) {
    if (is_real(x.dtype())) xs.push_back(x);
  }
  return xs;
}

// The rule at inputs that no derivative reaches; nothing where it depends on none of them.
Var cut(const DerivativeCall& d) {
  const Vars gradient = grad(sum(d.right), real_inputs(d.call));
  if (std::all_of(gradient.begin(), gradient.end(), is_structural_zero)) return {};
  Vars stopped;
  for (const Var& x : d.call.inputs) stopped.push_back(stop_gradient(x));
  return d.rule(
      {d.call.op, stopped, d.call.attributes, stop_gradient(d.call.output), d.call.argument},
      d.cotangent);
}

// A number that is 0 and has a derivative.
Var hidden_zero(const DerivativeCall& d) {
  const Var t = sum(tanh(d.call[d.call.argument]));
  return t - stop_gradient(t);
}

Var wrong_second(const DerivativeCall& d) { return d.right * (1 + hidden_zero(d)); }
Var wrong_third(const DerivativeCall& d) { return d.right * (1 + square(hidden_zero(d))); }

}  // namespace

std::string& edit_detail() {
  static std::string detail;
  return detail;
}

const std::vector<GraphEdit>& graph_edits() {
  static const std::vector<GraphEdit> edits = {
      {"sign", 1, negated},
      {"factor", 1, scaled<1000>},
      {"slight factor", 1, scaled<1>},
      {"zero", 1, zero},
      {"shifted", 1, shifted},
      {"flipped", 1, flipped},
      {"dropped term", 6, with_one<without_term>},
      {"dropped function", 4, with_one<without_function>},
      {"swapped operands", 4, with_one<with_swapped_operands>},
      {"attribute off", 12, with_one<with_other_attribute>},
      {"attributes exchanged", 4, with_one<with_exchanged_attributes>},
      {"constant off", 4, with_one<with_other_constant>},
      {"neighbour", 6, with_one<with_neighbour>}};
  return edits;
}

const std::vector<DerivativeEdit>& derivative_edits() {
  static const std::vector<DerivativeEdit> edits = {
      {"cut", cut}, {"second order", wrong_second}, {"third order", wrong_third}};
  return edits;
}

}  // namespace hourglass::testing

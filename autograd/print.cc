#include "autograd/print.h"

#include <fmt/core.h>

#include <map>
#include <set>
#include <unordered_map>

#include "autograd/graph.h"
#include "autograd/op.h"
#include "autograd/program.h"

namespace hourglass {
namespace {

constexpr std::int64_t kSmall = 8;  // elements that are still written out

// A constant scalar, spread or not: written as its number where it is used.
const Var* scalar_behind(const Var& x) {
  static const Op* broadcast_op = find_op("broadcast_to");
  const Var& v = &x.op() == broadcast_op ? x.inputs()[0] : x;
  return is_constant(v) && v.rank() == 0 ? &v : nullptr;
}

std::string type_text(const Var& x) {
  return fmt::format("{} {}", name_of(x.dtype()), to_string(x.shape()));
}

std::string numbers_text(const Tensor& t) {
  std::string text;
  for (std::int64_t i = 0; i < t.elements() && i < kSmall; ++i) {
    text += fmt::format("{}{:.5g}", i ? ", " : "", t.at(i) + 0.0);  // no -0
  }
  return "{" + text + (t.elements() > kSmall ? ", ...}" : "}");
}

class Printer {
 public:
  Printer(const std::vector<Var>& outputs, const PrintOptions& options)
      : order_(ancestors(outputs)), options_(options) {
    for (const Var& node : order_) {
      if (!scalar_behind(node)) names_[node.node()] = fmt::format("%{}", names_.size());
    }
    if (!options.numbers) return;
    const std::vector<Tensor> values = evaluate(order_, options.feeds);
    for (std::size_t i = 0; i < order_.size(); ++i) values_[order_[i].node()] = values[i];
  }

  std::string text() const {
    std::string text, scope;
    for (const Var& node : order_) {
      if (scalar_behind(node)) continue;
      if (options_.fold && node.scope() != scope) {
        scope = node.scope();
        text += fmt::format("{}:\n", scope.empty() ? "(no scope)" : scope);
      }
      text += line(node, options_.fold && !scope.empty() ? "  " : "") + "\n";
    }
    return text;
  }

  std::string dot() const {
    std::string text = "digraph hourglass {\n  rankdir=TB;\n  node [fontname=\"Helvetica\"];\n";
    std::map<std::string, std::string> boxes;  // id -> what is written in it
    std::set<std::pair<std::string, std::string>> arrows;
    for (const Var& node : order_) {
      if (scalar_behind(node)) continue;
      std::string& box = boxes[box_of(node)];
      if (box.empty() || !folded(node)) box = box_text(node);
      for (const Var& input : node.inputs()) {
        if (scalar_behind(input) || box_of(input) == box_of(node)) continue;
        arrows.emplace(box_of(input), box_of(node));
      }
    }
    for (const auto& [id, label] : boxes) text += fmt::format("  \"{}\" [{}];\n", id, label);
    for (const auto& [from, to] : arrows) text += fmt::format("  \"{}\" -> \"{}\";\n", from, to);
    return text + "}\n";
  }

 private:
  std::string operand(const Var& x) const {
    if (const Var* scalar = scalar_behind(x)) return fmt::format("{:.6g}", scalar->tensor().item());
    return names_.at(x.node());
  }

  std::string line(const Var& node, const char* indent) const {
    std::string operands;
    for (const Var& input : node.inputs())
      operands += (operands.empty() ? "" : ", ") + operand(input);
    const std::string attributes = to_string(node.attributes());
    std::string text = fmt::format("{}{} = {} {}", indent, names_.at(node.node()), node.op().name,
                                   type_text(node));
    if (!operands.empty()) text += " (" + operands + ")";
    if (!attributes.empty()) text += " {" + attributes + "}";
    if (!node.label().empty()) text += "  # " + node.label();
    const auto value = values_.find(node.node());
    if (value != values_.end()) text += "  = " + numbers_text(value->second);
    return text;
  }

  bool folded(const Var& node) const {
    return options_.fold && !node.scope().empty() && !is_leaf(node);
  }

  std::string box_of(const Var& node) const {
    return folded(node) ? node.scope() : names_.at(node.node());
  }

  std::string box_text(const Var& node) const {
    if (folded(node)) return fmt::format("label=\"{}\", shape=box, style=rounded", node.scope());
    const std::string name = node.label().empty() ? std::string(node.op().name) : node.label();
    return fmt::format("label=\"{}\\n{}\", shape={}", name, type_text(node),
                       is_leaf(node) ? "box" : "ellipse");
  }

  std::vector<Var> order_;
  PrintOptions options_;
  std::unordered_map<const Node*, std::string> names_;
  std::unordered_map<const Node*, Tensor> values_;
};

}  // namespace

std::string to_text(const std::vector<Var>& outputs, const PrintOptions& options) {
  return Printer(outputs, options).text();
}

std::string to_dot(const std::vector<Var>& outputs, const PrintOptions& options) {
  return Printer(outputs, options).dot();
}

}  // namespace hourglass

#include "autograd/graph/print.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "autograd/graph/errors.h"
#include "autograd/graph/evaluate.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"

namespace hourglass {

using namespace internal;

namespace {

constexpr std::int64_t kSmall = 8;  // elements that are still written out
constexpr std::int64_t kFew = 4;    // in a box

// A constant scalar, repeated or not: written as its number where it is used.
const Var* scalar_behind(const Var& x) {
  const Var* v = &x;
  while (v->op().repeats) v = &v->inputs()[0];
  return is_constant(*v) && v->rank() == 0 ? v : nullptr;
}

std::string numbers_text(const Tensor& t, int digits) {
  std::string text;
  for (std::int64_t i = 0; i < t.elements() && i < kSmall; ++i) {
    text += fmt::format("{}{:.{}g}", i ? ", " : "", t.at(i) + 0.0, digits);  // no -0
  }
  return "{" + text + (t.elements() > kSmall ? ", ...}" : "}");
}

class Printer {
 public:
  Printer(const std::vector<Var>& outputs, const PrintOptions& options)
      : order_(ancestors(outputs)), outputs_(outputs), options_(options) {
    for (const Var& node : order_) {
      if (!scalar_behind(node)) names_[node] = fmt::format("%{}", names_.size());
    }
    if (!options.numbers) return;
    const std::vector<Tensor> values = evaluate(order_, options.feeds);
    for (std::size_t i = 0; i < order_.size(); ++i) values_[order_[i]] = values[i];
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

  // A run is what lies between two changes of scope; leaves and what has no scope stand alone.
  std::string folded_text() {
    std::vector<std::vector<Var>> runs;
    VarMap<std::size_t> run_of;
    for (const Var& node : order_) {
      if (scalar_behind(node)) continue;
      const bool joins = folded(node) && !runs.empty() && folded(runs.back()[0]) &&
                         runs.back()[0].scope() == node.scope();
      if (!joins) runs.emplace_back();
      runs.back().push_back(node);
      run_of[node] = runs.size() - 1;
    }
    VarSet seen = outputs_;  // outside of their runs
    for (const Var& node : order_) {
      for (const Var& input : node.inputs()) {
        if (scalar_behind(input) || scalar_behind(node)) continue;
        if (run_of.at(input) != run_of.at(node)) seen.insert(input);
      }
    }
    names_ = {};
    std::string text;
    for (const std::vector<Var>& run : runs) {
      for (const Var& node : run) {
        const bool named = seen.contains(node) || !folded(node);
        if (named) names_[node] = fmt::format("%{}", names_.size());
      }
      text += (folded(run[0]) ? run_line(run) : line(run[0], "")) + "\n";
    }
    return text;
  }

  // A scope that is entered again with what others made of it goes on in a box of its own: arrows lead
  // on, never back.
  GraphPicture picture() const {
    GraphPicture picture;
    std::map<std::string, std::vector<std::size_t>> boxes_of;
    VarMap<std::size_t> places;
    std::set<std::pair<std::size_t, std::size_t>> arrows;
    for (const Var& node : order_) {
      if (scalar_behind(node)) continue;
      std::set<std::size_t> read;
      for (const Var& input : node.inputs()) {
        if (!scalar_behind(input)) read.insert(places.at(input));
      }
      std::vector<std::size_t>& boxes = boxes_of[box_of(node)];
      if (boxes.empty() || (!read.empty() && *read.rbegin() > boxes.back())) {
        boxes.push_back(picture.boxes.size());
        picture.boxes.push_back(begun_box(node, boxes.size()));
      }
      picture.boxes[boxes.back()].nodes.push_back(node);
      places[node] = boxes.back();
      read.erase(boxes.back());
      for (const std::size_t from : read) arrows.emplace(from, boxes.back());
    }
    picture.arrows.assign(arrows.begin(), arrows.end());
    return picture;
  }

  std::vector<std::pair<std::string, Var>> names() const {
    std::vector<std::pair<std::string, Var>> all;
    for (const Var& node : order_) {
      if (!scalar_behind(node)) all.emplace_back(names_.at(node), node);
    }
    return all;
  }

 private:
  std::string operand(const Var& x) const {
    if (const Var* scalar = scalar_behind(x)) return fmt::format("{:.6g}", scalar->tensor().item());
    return names_.at(x);
  }

  std::string line(const Var& node, const char* indent) const {
    std::string operands;
    for (const Var& input : node.inputs())
      operands += (operands.empty() ? "" : ", ") + operand(input);
    const std::string attributes = to_string(node.attributes());
    std::string text =
        fmt::format("{}{} = {} {}", indent, names_.at(node), node.op().name, type_text(node));
    if (!operands.empty()) text += " (" + operands + ")";
    if (!attributes.empty()) text += " {" + attributes + "}";
    if (!node.label().empty()) text += "  # " + node.label();
    if (const Tensor* value = values_.find(node))
      text += "  = " + numbers_text(*value, options_.digits);
    return text;
  }

  // `%7, %9 = encoder.0 f32 [2, 3], f32 [2] (%4, %0) {matmul, 2 add}  # label`
  std::string run_line(const std::vector<Var>& run) const {
    const VarSet inside(run);
    std::vector<std::string> names, types, read, ops, labels;
    std::map<std::string_view, int> times;
    for (const Var& node : run) {
      ++times[node.op().name];
      if (names_.contains(node)) {
        names.push_back(names_.at(node));
        types.push_back(type_text(node));
      }
      if (!node.label().empty()) labels.push_back(node.label());
      for (const Var& input : node.inputs()) {
        if (scalar_behind(input) || inside.contains(input)) continue;
        const std::string& name = names_.at(input);
        if (std::find(read.begin(), read.end(), name) == read.end()) read.push_back(name);
      }
    }
    for (const Var& node : run) {
      const std::string_view op = node.op().name;
      const int n = std::exchange(times[op], 0);
      if (n > 0) ops.push_back(n == 1 ? std::string(op) : fmt::format("{} {}", n, op));
    }
    const std::string labelled = labels.empty() ? "" : "  # " + listed(labels);
    return fmt::format("{} = {} {} ({}) {{{}}}{}", listed(names), run[0].scope(), listed(types),
                       listed(read), listed(ops), labelled);
  }

  static std::string listed(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  }

  bool folded(const Var& node) const {
    return options_.fold && !node.scope().empty() && !is_leaf(node);
  }

  std::string box_of(const Var& node) const {
    return folded(node) ? node.scope() : names_.at(node);
  }

  // The first of a scope bears its name, the others "loss (2)".
  GraphPicture::Box begun_box(const Var& node, std::size_t which) const {
    if (!folded(node)) return {box_of(node), box_lines(node), {}};
    const std::string again = which == 1 ? "" : fmt::format(" ({})", which);
    return {node.scope() + again, {node.scope() + again}, {}};
  }

  std::vector<std::string> box_lines(const Var& node) const {
    std::vector<std::string> lines;
    if (!is_leaf(node)) lines.push_back(names_.at(node) + " " + op_text(node));
    if (is_leaf(node) || !node.label().empty()) {
      lines.push_back(node.label().empty() ? std::string(node.op().name) : node.label());
    }
    lines.push_back(type_text(node));
    if (const Tensor* value = values_.find(node)) {
      lines.push_back(short_numbers(*value, options_.digits));
    }
    return lines;
  }

  // "divide ., 2": with the scalars that have no box.
  std::string op_text(const Var& node) const {
    std::string text(node.op().name), operands;
    bool scalars = false;
    for (const Var& input : node.inputs()) {
      scalars = scalars || scalar_behind(input);
      operands += (operands.empty() ? " " : ", ") + (scalar_behind(input) ? operand(input) : ".");
    }
    return scalars && !node.op().repeats ? text + operands : text;
  }

  std::vector<Var> order_;
  VarSet outputs_;
  PrintOptions options_;
  VarMap<std::string> names_;
  VarMap<Tensor> values_;
};

}  // namespace

std::string to_text(const std::vector<Var>& outputs, const PrintOptions& options) {
  Printer printer(outputs, options);
  return options.fold && !options.numbers ? printer.folded_text() : printer.text();
}

std::string short_numbers(const Tensor& value, int digits) {
  if (value.elements() > kFew) {
    double sum = 0;
    for (const double number : value.values()) sum += number * number;
    return fmt::format("|x| = {:.{}g}", std::sqrt(sum), digits);
  }
  const std::string text = numbers_text(value, digits);
  return text.substr(1, text.size() - 2);
}

bool GraphPicture::Box::is_leaf() const {
  return nodes.size() == 1 && hourglass::is_leaf(nodes[0]);
}

GraphPicture picture_of(const std::vector<Var>& outputs, const PrintOptions& options) {
  return Printer(outputs, options).picture();
}

std::vector<std::pair<std::string, Var>> names_in_text(const std::vector<Var>& outputs) {
  return Printer(outputs, {}).names();
}

std::string to_dot(const GraphPicture& picture) {
  std::string text = "digraph hourglass {\n  rankdir=TB;\n  node [fontname=\"Helvetica\"];\n";
  for (const GraphPicture::Box& box : picture.boxes) {
    std::string label;
    for (const std::string& line : box.lines) label += (label.empty() ? "" : "\\n") + line;
    if (!box.gradient.empty()) label += "\\n" + box.gradient;
    const bool folded = box.lines.size() == 1;
    text += fmt::format("  \"{}\" [label=\"{}\", shape={}{}];\n", box.name, label,
                        folded          ? "box, style=rounded"
                        : box.is_leaf() ? "box"
                                        : "ellipse",
                        box.backward ? ", color=\"#b0451c\"" : "");
  }
  for (const auto& [from, to] : picture.arrows) {
    text += fmt::format("  \"{}\" -> \"{}\";\n", picture.boxes[from].name, picture.boxes[to].name);
  }
  return text + "}\n";
}

std::string to_dot(const std::vector<Var>& outputs, const PrintOptions& options) {
  return to_dot(picture_of(outputs, options));
}

}  // namespace hourglass

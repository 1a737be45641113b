#include "tools/explain/play.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "autograd/graph/var_map.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tools/explain/shown_graph.h"
#include "tools/explain/update_step.h"
#include "tools/graph_svg.h"
#include "tools/report/journal.h"

namespace hourglass::tools {
namespace {

// The boxes of a graph with what is to be written into them at each step.
struct Played {
  GraphPicture picture;
  std::vector<std::size_t> derived;  // boxes that have a gradient
  std::vector<Var> values, gradients;
};

Played played(const Var& loss) {
  Played p;
  p.picture = picture_of({loss}, {.fold = false});
  std::vector<Var> nodes;
  for (std::size_t i = 0; i < p.picture.boxes.size(); ++i) {
    const Var& node = p.picture.boxes[i].nodes[0];
    p.values.push_back(node);
    if (is_input(node) || (node.dtype() != DType::kF32 && node.dtype() != DType::kF64)) continue;
    p.derived.push_back(i);
    nodes.push_back(node);
  }
  p.gradients = vjp(loss, nodes, constant(1, loss.dtype()));
  return p;
}

// Each node's line of the text.
VarMap<std::string> lines_by_node(const std::vector<Var>& outputs) {
  const std::vector<std::string> lines = lines_of(to_text(outputs, {.fold = false}));
  const auto names = names_in_text(outputs);
  VarMap<std::string> by_node;
  for (std::size_t i = 0; i < names.size(); ++i) by_node[names[i].second] = lines[i];
  return by_node;
}

Json step_json(const Played& p, const Explained& e, Stepper& stepper, int digits) {
  std::vector<Var> wanted = p.values;
  wanted.insert(wanted.end(), p.gradients.begin(), p.gradients.end());
  const std::vector<Tensor> numbers = evaluate(wanted, e.feeds);
  Json values = Json::array(), gradients = Json(p.values.size(), nullptr), updates = Json::array();
  for (std::size_t i = 0; i < p.values.size(); ++i)
    values.push_back(short_numbers(numbers[i], digits));
  for (std::size_t i = 0; i < p.derived.size(); ++i) {
    gradients[p.derived[i]] = short_numbers(numbers[p.values.size() + i], digits);
  }
  const StepNumbers step = stepper.next();
  for (const ParameterStep& parameter : step.parameters) {
    Json rows = Json::array();
    for (const auto& [name, value] : parameter.numbers) {
      rows.push_back({name, short_numbers(value, digits)});
    }
    updates.push_back({{"parameter", parameter.parameter}, {"rows", rows}});
  }
  return {{"values", values},
          {"gradients", gradients},
          {"updates", updates},
          {"rate", fmt::format("{:.{}g}", step.rate, digits)},
          {"before", fmt::format("{:.{}g}", step.before, digits)},
          {"after", fmt::format("{:.{}g}", step.after, digits)}};
}

// Wide enough for the longest number of any step.
DrawnBox widest(const GraphPicture::Box& box, std::size_t i, const Json& steps) {
  DrawnBox drawn{box.lines, "", "forward", ""};
  drawn.lines.emplace_back();
  for (const Json& step : steps) {
    for (const char* what : {"values", "gradients"}) {
      const Json& text = step[what][i];
      if (!text.is_string()) continue;
      const std::string line = "d " + text.get<std::string>();
      if (line.size() > drawn.gradient.size()) drawn.gradient = line;
    }
  }
  return drawn;
}

Json path_json(const std::vector<Point>& points) {
  Json path = Json::array();
  for (const Point& p : points)
    path.push_back({std::round(p.x * 10) / 10, std::round(p.y * 10) / 10});
  return path;
}

Json graph_json(const Played& p, const Json& steps) {
  std::vector<BoxSize> sizes;
  for (std::size_t i = 0; i < p.picture.boxes.size(); ++i) {
    sizes.push_back(size_of(widest(p.picture.boxes[i], i, steps)));
  }
  const GraphLayout layout = layered(sizes, p.picture.arrows);
  std::vector<Var> all = {p.values.back()};
  all.insert(all.end(), p.gradients.begin(), p.gradients.end());
  const VarMap<std::string> lines = lines_by_node(all);
  Json boxes = Json::array(), paths = Json::array();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const GraphPicture::Box& box = p.picture.boxes[i];
    boxes.push_back({{"name", box.name},
                     {"lines", box.lines},
                     {"leaf", box.is_leaf()},
                     {"parameter", is_parameter(box.nodes[0])},
                     {"at", path_json({layout.corners[i]})[0]},
                     {"size", {std::round(sizes[i].width), std::round(sizes[i].height)}},
                     {"code", lines.at(box.nodes[0])}});
  }
  for (std::size_t i = 0; i < p.derived.size(); ++i) {
    Json& box = boxes[p.derived[i]];
    const std::string* line = lines.find(p.gradients[i]);
    box["rule"] =
        fmt::format("{}  # d loss / d {}", line ? *line : "1", box["name"].get<std::string>());
  }
  for (const auto& path : layout.paths) paths.push_back(path_json(path));
  return {{"boxes", boxes},
          {"arrows", p.picture.arrows},
          {"paths", paths},
          {"width", std::ceil(layout.width)},
          {"height", std::ceil(layout.height)}};
}

}  // namespace

Json play_of(const ExplainArguments& a, Explained& e, int count, int digits) {
  const Played p = played(chosen_term(e.objective, a.term));
  Stepper stepper(e);
  Json steps = Json::array();
  for (int i = 0; i < count; ++i) steps.push_back(step_json(p, e, stepper, digits));
  return {{"model", a.model},
          {"optimizer", nn::name_of(e.options.optimizer.method)},
          {"begins", e.begins},
          {"graph", graph_json(p, steps)},
          {"steps", steps}};
}

}  // namespace hourglass::tools

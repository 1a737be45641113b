#include "autograd/certificate/fuzz.h"
#include "autograd/graph/evaluate.h"
#include "autograd/simplify/simplify.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "autograd/certificate/columns.h"
#include "autograd/certificate/fuzz_ops.h"
#include "autograd/check/differences.h"
#include "autograd/check/random.h"
#include "autograd/compile/program.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace hourglass::check {
namespace {

constexpr double kGradientLimit = 1e-8;
constexpr double kValueLimit = 1e-10;

// One application: operands are numbers of values, the inputs first.
struct Step {
  std::size_t op = 0, a = 0, b = 0;
  std::uint64_t choice = 0;
};

// A random graph as data, so that it can be cut down and printed.
struct Recipe {
  std::uint64_t seed = 0;
  bool smooth = false;
  std::vector<Shape> inputs;
  std::vector<Step> steps;
};

struct Graph {
  std::vector<Var> inputs;
  std::vector<Var> values;  // the inputs and what each step made
  std::vector<Tensor> numbers;
  std::vector<Update> updates;
  Var y;                       // a scalar that depends on every step
  std::vector<Var> gradients;  // of y, one an input

  std::vector<Var> outputs() const {
    std::vector<Var> all = gradients;
    all.insert(all.begin(), y);
    return all;
  }
  std::vector<Feed> feeds() const {
    std::vector<Feed> result;
    for (std::size_t i = 0; i < inputs.size(); ++i) result.push_back({inputs[i], numbers[i]});
    return result;
  }
};

Recipe make_recipe(std::uint64_t seed) {
  static const Shape kShapes[] = {{}, {3}, {2, 3}, {4, 1}, {2, 2, 2}, {6}, {1, 5}};
  Random random(seed);
  Recipe recipe{.seed = seed, .smooth = seed % 2 == 0, .inputs = {}, .steps = {}};
  for (std::int64_t i = 2 + random.below(2); i > 0; --i) {
    recipe.inputs.push_back(kShapes[random.below(std::size(kShapes))]);
  }
  const std::int64_t count = 5 + random.below(56);
  const auto kinds = static_cast<std::int64_t>(fuzz_ops().size());
  while (static_cast<std::int64_t>(recipe.steps.size()) < count) {
    const auto op = static_cast<std::size_t>(random.below(kinds));
    if (recipe.smooth && !fuzz_ops()[op].smooth) continue;
    // Recent values are chosen more often, or long graphs would be wide and shallow.
    const auto values = static_cast<std::int64_t>(recipe.inputs.size() + recipe.steps.size());
    const auto operand = [&] {
      const std::int64_t back = std::min(random.below(values), random.below(values));
      return static_cast<std::size_t>(values - 1 - back);
    };
    const std::size_t a = operand();
    const std::size_t b = operand();
    recipe.steps.push_back({op, a, b, static_cast<std::uint64_t>(random.below(1 << 30))});
  }
  return recipe;
}

// The mean of the means of the values that no step uses.
Var joined_ends(const Recipe& recipe, const std::vector<Var>& values) {
  std::set<std::size_t> used;
  for (const Step& step : recipe.steps) used.insert({step.a, step.b});
  Var total;
  double count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (used.count(i) && i + 1 < values.size()) continue;
    total = total.defined() ? total + mean(values[i]) : mean(values[i]);
    ++count;
  }
  return total / count;
}

Graph build(const Recipe& recipe) {
  Graph graph;
  Random random(recipe.seed + 1);
  for (const Shape& shape : recipe.inputs) {
    graph.inputs.push_back(input(shape, DType::kF64));
    graph.numbers.push_back(random.weights(shape));
  }
  graph.values = graph.inputs;
  for (const Step& step : recipe.steps) {
    Choice choice(step.choice, graph.updates);
    const FuzzOp& op = fuzz_ops()[step.op];
    graph.values.push_back(op.build(graph.values[step.a], graph.values[step.b], choice));
  }
  graph.y = joined_ends(recipe, graph.values);
  graph.gradients = vjp(graph.y, graph.inputs, constant(1, DType::kF64));  // not simplified
  return graph;
}

// --- checks: each gives the worst error

// The slope of y along a direction of ones and minus ones, from differences of two step sizes,
// whose errors of second order cancel.
double gradient_error(const Graph& graph) {
  std::vector<double> gradient;
  for (const Tensor& g : evaluate(graph.gradients, graph.feeds())) {
    const std::vector<double> more = g.values();
    gradient.insert(gradient.end(), more.begin(), more.end());
  }
  Surface surface(graph.y, graph.inputs, graph.inputs, graph.numbers);
  Random random(7);
  double worst = 0;
  for (int i = 0; i < 2; ++i) {
    const std::vector<double> direction = random.signs(Shape{surface.elements()}).values();
    double analytic = 0;
    for (std::size_t k = 0; k < gradient.size(); ++k) analytic += gradient[k] * direction[k];
    worst = std::max(worst, error_of(analytic, slope(surface, direction, 1.0 / 512)));
  }
  return worst;
}

double worst_between(const std::vector<Tensor>& got, const std::vector<Tensor>& expected) {
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, error_between(got[i], expected[i]));
  }
  return worst;
}

// Outputs and the parameters' new values; the parameters have changed afterwards.
double compiled_graph_error(const Graph& graph) {
  std::vector<Var> wanted = graph.outputs();
  for (const Update& update : graph.updates) wanted.push_back(update.value);
  const std::vector<Tensor> expected = evaluate(wanted, graph.feeds());
  Program program = compile(graph.outputs(), {.inputs = graph.inputs, .updates = graph.updates});
  std::vector<Tensor> got = program.run(graph.numbers);
  for (const Update& update : graph.updates) got.push_back(update.parameter.tensor());
  return worst_between(got, expected);
}

// The graph with simplify, and by grad, which calls it before and after, against neither.
double simplified_error(const Graph& graph) {
  const std::vector<Tensor> expected = evaluate(graph.outputs(), graph.feeds());
  std::vector<Var> derived = grad(graph.y, graph.inputs);
  derived.insert(derived.begin(), graph.y);
  return std::max(worst_between(evaluate(simplify(graph.outputs()), graph.feeds()), expected),
                  worst_between(evaluate(derived, graph.feeds()), expected));
}

struct Outcome {
  double gradient = 0, compiled = 0, simplified = 0;
  std::string failure;  // empty if there is none
};

std::string failure_of(const Outcome& outcome) {
  const auto line = [](const char* what, double error, double limit) {
    return fmt::format("{}: error {:.2e}, limit {:.0e}", what, error, limit);
  };
  if (outcome.gradient > kGradientLimit) {
    return line("gradient against differences", outcome.gradient, kGradientLimit);
  }
  if (outcome.compiled > kValueLimit) {
    return line("compiled against reference", outcome.compiled, kValueLimit);
  }
  if (outcome.simplified > kValueLimit) {
    return line("simplified against plain", outcome.simplified, kValueLimit);
  }
  return "";
}

Outcome check(const Recipe& recipe) {
  Outcome outcome;
  try {
    const Graph graph = build(recipe);
    for (const Tensor& output : evaluate(graph.outputs(), graph.feeds())) {
      for (double number : output.values()) {
        if (!std::isfinite(number)) throw Error("a value or a gradient is not finite");
      }
    }
    if (recipe.smooth) outcome.gradient = gradient_error(graph);
    outcome.simplified = simplified_error(graph);
    outcome.compiled = compiled_graph_error(graph);  // last: it moves parameters
    outcome.failure = failure_of(outcome);
  } catch (const std::exception& error) {
    outcome.failure = error.what();
  }
  return outcome;
}

// --- cutting down a graph that fails

// Without step i: what used it uses its first operand.
Recipe without_step(const Recipe& recipe, std::size_t i) {
  Recipe shorter = recipe;
  const std::size_t gone = recipe.inputs.size() + i;
  const std::size_t instead = recipe.steps[i].a;
  shorter.steps.erase(shorter.steps.begin() + static_cast<std::ptrdiff_t>(i));
  for (Step& step : shorter.steps) {
    for (std::size_t* operand : {&step.a, &step.b}) {
      if (*operand == gone) {
        *operand = instead;
      } else if (*operand > gone) {
        --*operand;
      }
    }
  }
  return shorter;
}

std::vector<Recipe> smaller_recipes(const Recipe& recipe) {
  std::vector<Recipe> result;
  for (std::size_t i = recipe.steps.size(); i-- > 0;) result.push_back(without_step(recipe, i));
  for (std::size_t i = 0; i < recipe.inputs.size(); ++i) {
    if (recipe.inputs[i].elements() <= 2) continue;
    Recipe smaller = recipe;
    smaller.inputs[i] = Shape{2};
    result.push_back(std::move(smaller));
  }
  return result;
}

Recipe shrink(Recipe recipe) {
  bool shrunk = true;
  while (shrunk) {
    shrunk = false;
    for (Recipe& smaller : smaller_recipes(recipe)) {
      if (check(smaller).failure.empty()) continue;
      recipe = std::move(smaller);
      shrunk = true;
      break;
    }
  }
  return recipe;
}

std::string value_name(const Recipe& recipe, std::size_t i) {
  return fmt::format("{}{}", i < recipe.inputs.size() ? "x" : "v", i);
}

std::string describe(const Recipe& recipe) {
  std::string text = fmt::format("seed {}: {}\n", recipe.seed, check(recipe).failure);
  for (std::size_t i = 0; i < recipe.inputs.size(); ++i) {
    text += fmt::format("  {} = input {}\n", value_name(recipe, i), to_string(recipe.inputs[i]));
  }
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step& step = recipe.steps[i];
    text += fmt::format("  {} = {}({}, {}; choice {})\n",
                        value_name(recipe, recipe.inputs.size() + i), fuzz_ops()[step.op].name,
                        value_name(recipe, step.a), value_name(recipe, step.b), step.choice);
  }
  return text + "  y = mean of the means of the values that nothing uses\n";
}

}  // namespace

FuzzReport fuzz(std::uint64_t first, int count, int most_failures) {
  const ThreadScope one(1);  // the arrays are small
  FuzzReport report;
  for (int i = 0; i < count; ++i) {
    const Recipe recipe = make_recipe(first + static_cast<std::uint64_t>(i));
    ++report.graphs;
    const Outcome outcome = check(recipe);
    if (!outcome.failure.empty()) {
      report.failures.push_back(describe(shrink(recipe)));
      if (static_cast<int>(report.failures.size()) >= most_failures) break;
      continue;
    }
    report.worst_gradient = std::max(report.worst_gradient, outcome.gradient);
    report.worst_compiled = std::max(report.worst_compiled, outcome.compiled);
    report.worst_simplified = std::max(report.worst_simplified, outcome.simplified);
  }
  return report;
}

std::string to_text(const FuzzReport& report) {
  std::string text = fmt::format(
      "{} random graphs: worst errors: gradient {:.1e}, compiled {:.1e}, simplified {:.1e}\n",
      report.graphs, report.worst_gradient, report.worst_compiled, report.worst_simplified);
  for (const std::string& failure : report.failures) text += failure;
  return text;
}

std::vector<std::string> fuzzed_ops(std::uint64_t first, int count) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    const Graph graph = build(make_recipe(first + static_cast<std::uint64_t>(i)));
    for (const Var& node : ancestors(graph.outputs())) names.emplace(node.op().name);
  }
  return {names.begin(), names.end()};
}

}  // namespace hourglass::check

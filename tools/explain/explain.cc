#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/kernels.h"
#include "tools/blocking.h"
#include "tools/catalogue.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/explain/explained.h"
#include "tools/explain/play.h"
#include "tools/explain/shown_graph.h"
#include "tools/explain/update_step.h"
#include "tools/graph_svg.h"
#include "tools/report/page.h"
#include "tools/step_profile.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr int kUsualSteps = 3;

int digits_of(const ExplainArguments& a) {
  if (a.digits >= 1 && a.digits <= 17) return a.digits;
  throw Error(fmt::format("explain: digits: expected 1 to 17: got {}", a.digits));
}

int steps_of(const ExplainArguments& a) {
  const int steps = a.steps.value_or(kUsualSteps);
  if (steps >= 1 && steps <= 1000) return steps;
  throw Error(fmt::format("explain: steps: expected 1 to 1000: got {}", steps));
}

void write(const std::string& path, const std::string& text) {
  write_text(path, text, "explain");
  fmt::print("wrote {}\n", path);
}

int print_plan(const ExplainArguments& a, Explained e) {
  if (!a.dot.empty()) throw Error("explain: dot: draws a graph: a plan has --svg");
  const std::vector<Tensor> examples = {e.feeds.empty() ? random_examples(e.batch)
                                                        : e.feeds[0].value};
  const Profile profile =
      profile_step({e.step, e.objective, e.model.trained_parameters()}, {}, {e.batch}, examples);
  if (a.svg.empty()) {
    fmt::print("{}{} kernels, {}\nproducts: {}\nwaking a thread: {}\n", to_string(profile),
               kernels::cpu_target(), kernels::blas_description(), blocking_text(), waking_text());
    return kDone;
  }
  std::vector<Bar> bars;
  for (const Profile::Line& line : profile.lines) bars.push_back({line.text, line.seconds});
  write(a.svg, bars_svg(bars, "What runs in a training step of " + a.model));
  return kDone;
}

int show_graph(const ExplainArguments& a, Explained& e) {
  const PrintOptions options{
      .fold = !a.every_node, .numbers = !e.feeds.empty(), .digits = digits_of(a), .feeds = e.feeds};
  const ShownGraph shown = shown_graph(a, e);
  std::string svg = a.svg, dot = a.dot;
  if (dot.ends_with(".svg")) std::swap(svg, dot);
  if (!dot.empty()) {
    write_text(dot, to_dot(shown_picture(a, shown, options)), "explain");
    fmt::print("wrote {0}: draw it with `dot -Tsvg {0}`\n", dot);
  }
  if (!svg.empty())
    write(svg, to_svg(drawing_of(shown_picture(a, shown, options)), "The graph of " + a.model));
  if (dot.empty() && svg.empty()) fmt::print("{}", to_text(shown.outputs, options));
  return kDone;
}

void check_files(const ExplainArguments& a) {
  if (!a.svg.empty()) check_ending(a.svg, {".svg"}, "svg");
  if (a.output.empty()) return;
  if (!a.html) throw Error("explain: --output is where --html goes: leave it out, or add --html");
  check_ending(a.output, {".html"});
}

int explain(const ExplainArguments& a) {
  check_files(a);
  const bool steps = a.step || a.steps.has_value();
  Explained e = explained(a, a.numbers || a.norms || a.html || steps);
  if (a.plan) return print_plan(a, std::move(e));
  if (a.html) {
    const Json play = play_of(a, e, steps_of(a), digits_of(a));
    write(a.output.empty() ? "explain.html" : a.output, page_of(PageKind::kPlay, play));
    return kDone;
  }
  if (!steps && !a.norms) return show_graph(a, e);
  if (!a.svg.empty() || !a.dot.empty()) {
    throw Error("explain: --step and --norms are tables: leave out --svg and --dot");
  }
  if (a.norms) {
    fmt::print("{}", norms_text(e, digits_of(a)));
  } else {
    fmt::print("{}", steps_text(take_steps(e, steps_of(a)), e, digits_of(a)));
  }
  return kDone;
}

void add_views(const Command& command, ExplainArguments& a) {
  command.add_flag("--backward", a.backward, "The gradient that the engine derives");
  command.add_flag("--second", a.second, "The gradient of the gradient's squared norm");
  command.add_flag("--unsimplified", a.unsimplified,
                   "As the ops' own rules have it, before the engine makes it cheap");
  command.add_flag("--step", a.step,
                   "What the optimiser makes of each parameter: moments, new weights, the loss");
  command.add_option("--steps", a.steps, "The same of so many steps, side by side").shows("3");
  command.add_flag("--norms", a.norms, "The norm of each term's gradient by each parameter");
  command.add_flag("--html", a.html, "A page that plays steps node by node, into --output");
  command.add_option("-o,--output", a.output, "Where --html goes").shows("explain.html");
  command.add_flag("--plan", a.plan,
                   "What runs in a training step, where it writes, how long it takes");
  command.add_flag("--every-node", a.every_node, "Not folded by layer");
  command.add_option("--dot", a.dot, "Write a graph for Graphviz to this file instead");
  command.add_option("--svg", a.svg, "Draw it into this file, with numbers values and gradients");
  command.add_option("--term", a.term, "One term of the loss, by its name, not the whole");
  command.add_option("--input", a.pixels, "Numbers 0,0.5,1,... of the examples: with numbers");
  command.add_flag("--numbers", a.numbers,
                   "With numbers, of a run's first test examples or of built-in digits");
  command.add_option("--digits", a.digits, "Of the numbers").show_default();
}

void add_explain(CommandLine& program) {
  auto arguments = std::make_shared<ExplainArguments>();
  ExplainArguments& a = *arguments;
  const Command command = program.add_command(
      "explain", "The graphs of a model or a run: its loss, its gradient, its step, what runs");
  command.add_option("model", a.model, "Its name, see `hourglass models`, or a run folder")
      .required()
      .offers(model_names())
      .each([&a](const std::string& name) {
        if (const ModelEntry* entry = model_or_none(name)) a.shape.show_defaults(entry->spec());
      });
  add_views(command, a);
  command.add_option("--seed", a.seed, "Of the weights").show_default();
  a.shape.add_to(command);
  command.add_option("--width", a.width, "Numbers an example (nothing: 784, or a run's own)");
  command.add_option("--batch", a.batch, "Examples").show_default();
  command.set_action([arguments] { return explain(*arguments); });
}

const CommandEntry kExplainEntry(15, add_explain);

}  // namespace
}  // namespace hourglass::tools

#include <fmt/core.h>

#include <CLI/App.hpp>

#include "ae/objective.h"
#include "autograd/ops.h"
#include "autograd/print.h"
#include "autograd/program.h"
#include "autograd/transform.h"
#include "nn/optimizers.h"
#include "tensor/files/atomic_file.h"
#include "tools/catalogue.h"
#include "tools/commands.h"

namespace hourglass::tools {
namespace {

struct ExplainArguments {
  std::string model;
  ModelOptions shape;
  std::int64_t width = 784, batch = 32;
  bool backward = false, second = false, plan = false, every_node = false;
  std::string dot;
};

// A model's loss on a batch that is not there: graphs are printed, not run.
struct Explained {
  ae::Autoencoder model;
  Var batch;
  ae::Objective objective;
  Step step;
};

Explained build(const ExplainArguments& arguments) {
  Explained e;
  const ModelEntry& entry = find_model(arguments.model);
  e.model = ae::make_autoencoder(make_spec(entry, arguments.shape, arguments.width), 0);
  e.batch = input(Shape{arguments.batch, arguments.width}, DType::kU8).named("images");
  e.step = make_step(0);
  e.objective = ae::objective(e.model, ae::pixels(e.batch), e.step);
  return e;
}

int explain(const ExplainArguments& arguments) {
  Explained e = build(arguments);
  const std::vector<Var> parameters = e.model.parameters();
  std::vector<Var> shown = {e.objective.loss};
  if (arguments.backward || arguments.second) shown = grad(e.objective.loss, parameters);
  if (arguments.second) {
    // The gradient of a function of the gradient: what a penalty on it would be trained by.
    Var norm = constant(0);
    for (const Var& g : shown) norm = norm + sum(square(g));
    shown = grad(norm, parameters);
  }
  const PrintOptions options{.fold = !arguments.every_node};
  if (!arguments.dot.empty()) {
    write_text(arguments.dot, to_dot(shown, options), "explain");
    fmt::print("wrote {0}: draw it with `dot -Tsvg {0}`\n", arguments.dot);
  } else if (arguments.plan) {
    nn::Adam adam;
    adam.update(e.step, parameters, grad(e.objective.loss, parameters), constant(1e-3));
    const Program program = compile(
        {e.objective.loss},
        {.inputs = {e.batch}, .updates = e.step.updates, .watch = {e.objective.terms[0].value}});
    fmt::print("{}", program.plan());
  } else {
    fmt::print("{}", to_text(shown, options));
  }
  return kDone;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ExplainArguments>();
  ExplainArguments& a = *arguments;
  CLI::App* command =
      app.add_subcommand("explain", "The graphs of a model: its loss, its gradient, what runs");
  command->add_option("model", a.model, "See `hourglass models`")->required();
  command->add_flag("--backward", a.backward, "The gradient that the engine derives");
  command->add_flag("--second", a.second, "The gradient of the gradient's squared norm");
  command->add_flag("--plan", a.plan, "What runs in a training step and where it writes");
  command->add_flag("--every-node", a.every_node, "Not folded by layer");
  command->add_option("--dot", a.dot, "Write a graph for Graphviz to this file instead");
  add_model_options(*command, a.shape);
  command->add_option("--width", a.width, "Pixels of an image")->capture_default_str();
  command->add_option("--batch", a.batch, "Images")->capture_default_str();
  command->callback([&action, arguments] { action = [arguments] { return explain(*arguments); }; });
}

}  // namespace hourglass::tools

#include <fmt/core.h>

#include <cmath>

#include "ae/model/model_file.h"
#include "autograd/graph/print.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/kernels.h"
#include "tools/catalogue.h"
#include "tools/commands.h"
#include "tools/run_folder.h"
#include "tools/step_profile.h"
#include "tools/svg.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr std::int64_t kWidth = 784;

struct ExplainArguments {
  std::string model;
  ModelOptions shape;
  std::optional<std::int64_t> width;  // nothing: kWidth, or a run's own
  std::int64_t batch = 32;
  std::uint64_t seed = 0;
  bool backward = false, second = false, plan = false, every_node = false;
  std::string term, dot, svg;
  int digits = 5;
  std::vector<double> pixels;  // of the examples, for a graph with numbers
};

// A model's loss on a batch. Graphs are printed, not run, unless there are pixels to run them on.
struct Explained {
  ae::Autoencoder model;
  Var batch, labels;
  std::vector<Feed> feeds;
  nn::Objective objective;
  Step step;
};

// How wide examples are: as the pixels say, if there are any.
std::int64_t width_of(const ExplainArguments& a, std::int64_t otherwise) {
  if (a.batch < 1) {
    throw Error(fmt::format("explain: batch: must be at least 1: got {}", a.batch));
  }
  const std::int64_t width = a.width.value_or(otherwise);
  if (width < 1) throw Error(fmt::format("explain: width: must be at least 1: got {}", width));
  if (a.pixels.empty()) return width;
  const auto count = static_cast<std::int64_t>(a.pixels.size());
  if (count % a.batch != 0) {
    throw Error(
        fmt::format("explain: input: {} numbers do not make {} examples: --batch says how many",
                    count, a.batch));
  }
  return count / a.batch;
}

// A model of the catalogue, with fresh weights.
ae::Autoencoder fresh_model(const ExplainArguments& arguments, const ModelEntry& entry) {
  const std::int64_t width = width_of(arguments, kWidth);
  // Convolutions need a height and a width: of square images both are known.
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(width)));
  const Shape image = side * side == width ? Shape{1, side, side} : Shape{1, 1, width};
  const ae::DataForm form{nn::DataKind::kImage, image, entry.spec().classes};
  return ae::make_autoencoder(make_spec(entry, arguments.shape, form), arguments.seed);
}

// The model of a run, as it was trained.
ae::Autoencoder trained_model(const ExplainArguments& arguments, const RunConfig& config) {
  const std::vector<std::string> given = arguments.shape.all_given();
  if (!given.empty()) {
    throw Error(fmt::format("explain: {} is a run: its model is as it was trained: leave out --{}",
                            arguments.model, given[0]));
  }
  const std::int64_t width = config.spec.input_width();
  if (width_of(arguments, width) != width) {
    throw Error(fmt::format("explain: the model of {} takes {} numbers an example: got {}",
                            arguments.model, width, width_of(arguments, width)));
  }
  return ae::load_run(arguments.model);
}

// What the examples are called, and are stored as where there are no numbers.
struct Stored {
  std::string name = "images";
  DType dtype = DType::kU8;
};

Explained build(const ExplainArguments& arguments) {
  Explained e;
  Stored stored;
  const ModelEntry* entry = model_or_none(arguments.model);
  if (!entry && is_run(arguments.model)) {
    const RunConfig config = read_config(arguments.model);
    entry = &find_model(config.model);
    e.model = trained_model(arguments, config);
    stored = {nn::plural(config.kind),
              config.kind == nn::DataKind::kImage ? DType::kU8 : DType::kF32};
  } else {
    entry = &find_model(arguments.model);
    e.model = fresh_model(arguments, *entry);
  }
  const Shape shape{arguments.batch, e.model.spec.input_width()};
  const DType dtype = arguments.pixels.empty() ? stored.dtype : DType::kF32;
  e.batch = input(shape, dtype).named(stored.name);
  if (!arguments.pixels.empty()) {
    e.feeds = {{e.batch, Tensor::from(arguments.pixels, shape).cast(DType::kF32)}};
  }
  e.step = make_step(arguments.seed);
  if (e.model.spec.classes > 0) {
    e.labels = constant(Tensor(Shape{arguments.batch}, DType::kI32)).named("labels");
  }
  nn::Batch batch = {e.batch};
  if (e.labels.defined()) batch.push_back(e.labels);
  e.objective = entry->objective(e.model)(batch, e.step);
  return e;
}

// The loss, or one of the terms that it is made of.
Var chosen(const nn::Objective& objective, const std::string& term) {
  if (term.empty()) return objective.loss;
  std::string known;
  for (const nn::Term& t : objective.terms) {
    if (t.name == term) return t.value;
    known += (known.empty() ? "" : ", ") + t.name;
  }
  throw Error(fmt::format("explain: the loss has no term named {}: its terms are {}", term, known));
}

// The graphs that were asked for: of the loss, of its gradient, of the gradient of that.
std::vector<Var> graphs(const ExplainArguments& arguments, Explained& e) {
  const Var loss = chosen(e.objective, arguments.term);
  const std::vector<Var> parameters = e.model.parameters();
  if (!arguments.backward && !arguments.second) return {loss};
  std::vector<Var> shown = grad(loss, parameters);
  if (arguments.second) {
    // The gradient of a function of the gradient: what a penalty on it would be trained by.
    Var norm = constant(0);
    for (const Var& g : shown) norm = norm + sum(square(g));
    shown = grad(norm, parameters);
  }
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string what = arguments.term.empty() ? "loss" : arguments.term;
    const std::string of = arguments.second ? "d |gradient|^2 / d " : "d " + what + " / d ";
    // A gradient of zero may be one node for several parameters.
    if (shown[i].label().empty()) shown[i].named(of + parameters[i].label());
  }
  return simplify(shown);
}

// Times do not depend on the numbers, but zeros alone may be denormal on their way.
Tensor random_examples(const Var& batch) {
  const Shape& shape = batch.shape();
  std::vector<std::uint8_t> pixels;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    state = state * 1664525 + 1013904223;
    pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  const Tensor bytes = Tensor::from(pixels, shape);
  return batch.dtype() == DType::kU8 ? bytes : bytes.cast(batch.dtype());
}

void print_plan(Explained& e) {
  const std::vector<Tensor> examples = {e.feeds.empty() ? random_examples(e.batch)
                                                        : e.feeds[0].value};
  const Profile profile =
      profile_step({e.step, e.objective, e.model.trained_parameters()}, {}, {e.batch}, examples);
  fmt::print("{}{} kernels, {}\n", to_string(profile), kernels::cpu_target(),
             kernels::blas_description());
}

int digits_of(const ExplainArguments& a) {
  if (a.digits >= 1 && a.digits <= 17) return a.digits;
  throw Error(fmt::format("explain: digits: expected 1 to 17: got {}", a.digits));
}

int explain(const ExplainArguments& arguments) {
  Explained e = build(arguments);
  if (arguments.plan) {
    print_plan(e);
    return kDone;
  }
  const PrintOptions options{.fold = !arguments.every_node,
                             .numbers = !arguments.pixels.empty(),
                             .digits = digits_of(arguments),
                             .feeds = e.feeds};
  const std::vector<Var> shown = graphs(arguments, e);
  std::string svg = arguments.svg, dot = arguments.dot;
  if (dot.ends_with(".svg")) std::swap(svg, dot);
  if (!dot.empty()) {
    write_text(dot, to_dot(shown, options), "explain");
    fmt::print("wrote {0}: draw it with `dot -Tsvg {0}`\n", dot);
  }
  if (!svg.empty()) {
    write_svg(svg, to_dot(shown, options));
    fmt::print("wrote {}\n", svg);
  }
  if (dot.empty() && svg.empty()) fmt::print("{}", to_text(shown, options));
  return kDone;
}

void add_explain(CommandLine& program) {
  auto arguments = std::make_shared<ExplainArguments>();
  ExplainArguments& a = *arguments;
  const Command command = program.add_command(
      "explain", "The graphs of a model or a run: its loss, its gradient, what runs");
  command.add_option("model", a.model, "Its name, see `hourglass models`, or a run folder")
      .required()
      .each([&a](const std::string& name) {
        if (const ModelEntry* entry = model_or_none(name)) a.shape.show_defaults(entry->spec());
      });
  command.add_flag("--backward", a.backward, "The gradient that the engine derives");
  command.add_flag("--second", a.second, "The gradient of the gradient's squared norm");
  command.add_flag("--plan", a.plan,
                   "What runs in a training step, where it writes, how long it takes");
  command.add_flag("--every-node", a.every_node, "Not folded by layer");
  command.add_option("--dot", a.dot, "Write a graph for Graphviz to this file instead");
  command.add_option("--svg", a.svg, "Draw it into this file, by Graphviz's dot");
  command.add_option("--term", a.term, "One term of the loss, by its name, not the whole");
  command.add_option("--input", a.pixels, "Numbers 0,0.5,1,... of the examples: with numbers");
  command.add_option("--digits", a.digits, "Of the numbers").show_default();
  command.add_option("--seed", a.seed, "Of the weights").show_default();
  a.shape.add_to(command);
  command.add_option("--width", a.width, "Numbers an example (nothing: 784, or a run's own)");
  command.add_option("--batch", a.batch, "Examples").show_default();
  command.set_action([arguments] { return explain(*arguments); });
}

const CommandEntry kExplainEntry(15, add_explain);

}  // namespace
}  // namespace hourglass::tools

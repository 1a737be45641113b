#include <fmt/core.h>

#include "ae/measure/latent.h"
#include "autograd/ops/ops.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/labels.h"

namespace hourglass::tools {
namespace {

struct InterpolateArguments {
  std::string run, out;
  std::optional<std::string> in, data;
  std::vector<std::int64_t> from, to;
  std::int64_t steps = 10;
  bool spherical = false;
};

struct ArithmeticArguments {
  std::string run, out;
  std::optional<std::string> in, data;
  std::vector<std::int64_t> a, b, c;
};

Tensor join(const std::vector<Tensor>& parts) {
  std::vector<Var> all;
  for (const Tensor& part : parts) all.push_back(constant(part));
  return concat(all, 0).value();
}

// The examples of a file, or the test examples; with labels where the model is class-conditional.
nn::DataSet examples_for(const char* who, const LoadedRun& run,
                         const std::optional<std::string>& in,
                         const std::optional<std::string>& data) {
  const ae::Spec& spec = run.config.spec;
  nn::DataSet found = in ? examples_in(read_examples(who, {*in}, run.config), run.config.reading)
                         : *data_of(who, run, data).test;
  found.labels = in ? labels_of(who, spec, {}, found, *in) : examples_of(spec, found).labels;
  return found;
}

Tensor code_of(const char* who, const LoadedRun& run, const nn::DataSet& examples,
               std::int64_t index) {
  check_index(who, index, examples);
  const nn::DataSet one = examples.range(index, index + 1);
  const Tensor code = encode_examples(run, one.examples, one.labels);
  return code.reshape(Shape{code.elements()});
}

// Lines of codes as examples. Of a class-conditional model, each line has the class of its first.
Tensor decode_lines(const LoadedRun& run, const std::vector<Tensor>& lines,
                    const nn::DataSet& examples, const std::vector<std::int64_t>& firsts) {
  std::vector<Tensor> labels;
  for (std::size_t i = 0; examples.labels.defined() && i < lines.size(); ++i) {
    labels.push_back(
        same_label(static_cast<std::int64_t>(examples.labels.at(firsts[i])), lines[i].shape()[0]));
  }
  return decode_codes(run, join(lines), labels.empty() ? Tensor() : join(labels));
}

int interpolate(const InterpolateArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out, run.config.kind);
  if (a.from.size() != a.to.size()) {
    throw Error(fmt::format("interpolate: --from and --to need as many examples: {} vs {}",
                            a.from.size(), a.to.size()));
  }
  const nn::DataSet examples = examples_for("interpolate", run, a.in, a.data);
  std::vector<std::int64_t> from = a.from, to = a.to;
  for (std::int64_t i = 0; a.from.empty() && i < 8 && 2 * i + 1 < examples.count(); ++i) {
    from.push_back(2 * i);
    to.push_back(2 * i + 1);
  }
  check_decoded_fit("interpolate", run,
                    static_cast<double>(from.size()) * static_cast<double>(a.steps));
  std::vector<Tensor> rows;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Tensor x = code_of("interpolate", run, examples, from[i]);
    const Tensor y = code_of("interpolate", run, examples, to[i]);
    rows.push_back(a.spherical ? ae::interpolate_spherical(x, y, a.steps)
                               : ae::interpolate_linear(x, y, a.steps));
  }
  if (rows.empty()) throw Error("interpolate: needs two examples: there is one");
  write_examples(a.out, examples_like(run.config, decode_lines(run, rows, examples, from)),
                 static_cast<int>(a.steps));
  fmt::print("wrote {} in {} to {}\n",
             internal::counted(rows.size(),
                               a.spherical ? "spherical interpolation" : "linear interpolation"),
             internal::counted(a.steps, "step"), a.out);
  return kDone;
}

// A line for each: a, b and c as they are reconstructed, and what decodes from a + (b - c).
int arithmetic(const ArithmeticArguments& arguments) {
  const LoadedRun run = open_run(arguments.run);
  check_output(arguments.out, run.config.kind);
  const std::size_t n = arguments.a.size();
  if (arguments.b.size() != n || arguments.c.size() != n) {
    throw Error(fmt::format("arithmetic: --a, --b and --c need as many examples: {}, {} and {}", n,
                            arguments.b.size(), arguments.c.size()));
  }
  const nn::DataSet examples = examples_for("arithmetic", run, arguments.in, arguments.data);
  std::vector<Tensor> rows;
  for (std::size_t i = 0; i < n; ++i) {
    const Var a = constant(code_of("arithmetic", run, examples, arguments.a[i]));
    const Var b = constant(code_of("arithmetic", run, examples, arguments.b[i]));
    const Var c = constant(code_of("arithmetic", run, examples, arguments.c[i]));
    rows.push_back(stack({a, b, c, a + (b - c)}).value());
  }
  write_examples(arguments.out,
                 examples_like(run.config, decode_lines(run, rows, examples, arguments.a)), 4);
  fmt::print("wrote {} of a, b, c and a + (b - c) to {}\n", internal::counted(n, "line"),
             arguments.out);
  return kDone;
}

void add_inputs(const Command& command, std::string& run, std::optional<std::string>& in,
                std::string& out, std::optional<std::string>& data) {
  command.add_option("run", run, "The run folder").required();
  command.add_option("in", in, data_help("(nothing: the test part)"));
  command
      .add_option("-o,--output", out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  command.add_option("--data", data, data_help("(nothing: what it learnt from)"));
}

void add_interpolate(CommandLine& program) {
  auto arguments = std::make_shared<InterpolateArguments>();
  InterpolateArguments& a = *arguments;
  const Command command =
      program.add_command("interpolate",
                          "Examples between examples, a line of steps for each pair; of "
                          "a class-conditional model, a line "
                          "has the class of its first example");
  add_inputs(command, a.run, a.in, a.out, a.data);
  command.add_option("--from", a.from, "Examples by number, from 0 (nothing: 0, 2, 4, ...)");
  command.add_option("--to", a.to, "Examples by number (nothing: 1, 3, 5, ...)");
  command.add_option("--steps", a.steps, "Examples a line, both ends included").show_default();
  command.add_flag("--spherical", a.spherical, "Along the great circle, not the straight line");
  command.set_action([arguments] { return interpolate(*arguments); });
}

void add_arithmetic(CommandLine& program) {
  auto arguments = std::make_shared<ArithmeticArguments>();
  ArithmeticArguments& a = *arguments;
  const Command command =
      program.add_command("arithmetic", "Codes of examples added and subtracted: a + (b - c)");
  add_inputs(command, a.run, a.in, a.out, a.data);
  command.add_option("--a", a.a, "Examples by number, from 0").required();
  command.add_option("--b", a.b, "What is added").required();
  command.add_option("--c", a.c, "What is taken away").required();
  command.set_action([arguments] { return arithmetic(*arguments); });
}

const CommandEntry kInterpolateEntry(6, add_interpolate);
const CommandEntry kArithmeticEntry(9, add_arithmetic);

}  // namespace
}  // namespace hourglass::tools

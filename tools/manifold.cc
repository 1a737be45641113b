#include <fmt/core.h>

#include <cmath>
#include <numeric>

#include "ae/measure/latent.h"
#include "autograd/ops/ops.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/labels.h"
#include "tools/prior.h"

namespace hourglass::tools {
namespace {

struct ManifoldArguments {
  std::string run, out;
  std::optional<std::string> from, data;
  std::vector<std::int64_t> units;
  std::int64_t size = 20;
  LabelArguments labels;
};

struct TraverseArguments {
  std::string run, out;
  std::optional<std::string> from, data;
  std::vector<std::int64_t> units;
  std::optional<std::int64_t> image;
  std::int64_t steps = 11;
  double range = 3;
  LabelArguments labels;
};

int manifold(const ManifoldArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out, run.config.kind);
  const std::int64_t width = run.config.spec.code_width();
  if (a.units.empty() && width != 2) {
    throw Error(fmt::format("manifold: the code has {}: choose two of them, such as --units 0,1",
                            internal::counted(width, "unit")));
  }
  if (!a.units.empty() && a.units.size() != 2) {
    throw Error(fmt::format("manifold: units: expected two: got {}", a.units.size()));
  }
  check_decoded_fit("manifold", run, static_cast<double>(a.size) * static_cast<double>(a.size));
  const Prior prior = prior_of("manifold", run, a.from, a.data);
  const std::int64_t first = a.units.empty() ? 0 : a.units[0];
  const std::int64_t second = a.units.empty() ? 1 : a.units[1];
  const Tensor labels = labels_of("manifold", run.config.spec, a.labels, a.size * a.size);
  const Tensor examples =
      decode_codes(run, ae::manifold(prior.normal, first, second, a.size), labels);
  write_examples(a.out, examples_like(run.config, examples), static_cast<int>(a.size));
  fmt::print("wrote {0} by {0} {1} over units {2} and {3}, quantiles of {4}, to {5}\n", a.size,
             nn::plural(run.config.kind), first, second, prior.name, a.out);
  return kDone;
}

int traverse(const TraverseArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out, run.config.kind);
  if (!(a.range > 0 && std::isfinite(a.range))) {
    throw Error(fmt::format("traverse: range: must be a positive number: got {}", a.range));
  }
  const Prior prior = prior_of("traverse", run, a.from, a.data);
  std::vector<std::int64_t> units = a.units;
  if (units.empty()) {
    units.resize(
        static_cast<std::size_t>(std::min<std::int64_t>(10, run.config.spec.code_width())));
    std::iota(units.begin(), units.end(), 0);
  }
  check_decoded_fit("traverse", run,
                    static_cast<double>(units.size()) * static_cast<double>(a.steps));
  Tensor start = prior.normal.mean, label;
  if (a.image) {
    const nn::DataSet test = *data_of("traverse", run, a.data).test;
    check_index("traverse", *a.image, test);
    const nn::DataSet one = test.range(*a.image, *a.image + 1);
    label = examples_of(run.config.spec, one).labels;
    start = encode_examples(run, one.examples, label).reshape(start.shape());
  }
  const std::vector<double> deviations = ae::deviations(prior.normal);
  std::vector<Var> rows;
  for (std::int64_t unit : units) {
    const bool known = unit >= 0 && unit < start.elements();
    const double middle = known ? prior.normal.mean.at(unit) : 0;
    const double reach = known ? a.range * deviations[static_cast<std::size_t>(unit)] : 0;
    rows.push_back(constant(ae::traverse(start, unit, middle - reach, middle + reach, a.steps)));
  }
  const Tensor codes = concat(rows, 0).value();
  const std::int64_t count = codes.shape()[0];
  const bool of_example = label.defined() && !a.labels.one;
  const Tensor labels = of_example ? same_label(static_cast<std::int64_t>(label.at(0)), count)
                                   : labels_of("traverse", run.config.spec, a.labels, count);
  write_examples(a.out, examples_like(run.config, decode_codes(run, codes, labels)),
                 static_cast<int>(a.steps));
  fmt::print("wrote {} in {} over {} deviations of {} to {}\n",
             internal::counted(units.size(), "unit"), internal::counted(a.steps, "step"),
             2 * a.range, prior.name, a.out);
  return kDone;
}

void add_manifold(CommandLine& program) {
  auto arguments = std::make_shared<ManifoldArguments>();
  ManifoldArguments& a = *arguments;
  const Command command =
      program.add_command("manifold", "A grid of examples over two units of the code");
  command.add_option("run", a.run, "The run folder").required();
  command
      .add_option("-o,--output", a.out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  command.add_option("--units", a.units, "Which two, from 0 (nothing: 0,1 of a code of two)");
  command.add_option("--size", a.size, "Examples a side").show_default();
  add_class_option(command, a.labels);
  add_prior_options(command, a.from, a.data);
  command.set_action([arguments] { return manifold(*arguments); });
}

void add_traverse(CommandLine& program) {
  auto arguments = std::make_shared<TraverseArguments>();
  TraverseArguments& a = *arguments;
  const Command command =
      program.add_command("traverse", "One unit of the code changed at a time, a line for each");
  command.add_option("run", a.run, "The run folder").required();
  command
      .add_option("-o,--output", a.out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  command.add_option("--units", a.units, "Which, from 0 (nothing: the first ten)");
  command.add_option("--image", a.image, "The test example to start from (nothing: the mean code)");
  command.add_option("--steps", a.steps, "Examples a line").show_default();
  command.add_option("--range", a.range, "Deviations to either side").show_default();
  add_class_option(command, a.labels);
  add_prior_options(command, a.from, a.data);
  command.set_action([arguments] { return traverse(*arguments); });
}

const CommandEntry kManifoldEntry(7, add_manifold);
const CommandEntry kTraverseEntry(8, add_traverse);

}  // namespace
}  // namespace hourglass::tools

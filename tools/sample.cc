#include <fmt/core.h>

#include "ae/measure/density.h"
#include "ae/measure/latent.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/labels.h"
#include "tools/prior.h"

namespace hourglass::tools {
namespace {

struct SampleArguments {
  std::string run, out;
  std::optional<std::string> from, data;
  std::int64_t count = 100;
  LabelArguments labels;
  std::uint64_t seed = 0;
  bool novelty = false;
};

void print_novelty(const LoadedRun& run, const Tensor& examples, const nn::RawData& data) {
  const Tensor rows = examples.reshape(Shape{examples.shape()[0], run.config.spec.input_width()});
  const ae::Novelty n = ae::novelty(rows, data.all.rows(), data.test->rows());
  const std::string test = "test " + nn::plural(run.config.kind);
  fmt::print("distance to the nearest training example: samples {:.4f}, {} {:.4f}\n",
             n.sample_distance, test, n.test_distance);
  fmt::print("ratio {:.4f}; {:.1f} % of the samples are copies (nearer than 99 % of {})\n", n.ratio,
             100 * n.copies, test);
}

int sample(const SampleArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out, run.config.kind);
  check_decoded_fit("sample", run, static_cast<double>(a.count));
  const Prior prior = prior_of("sample", run, a.from, a.data);
  const Tensor codes = ae::sample(prior.normal, a.count, key_of(a.seed));
  const ae::Spec& spec = run.config.spec;
  const Tensor labels = a.labels.one || spec.classes == 0
                            ? labels_of("sample", spec, a.labels, a.count)
                            : labels_in_turn(spec, a.count);
  const Tensor examples = decode_codes(run, codes, labels);
  const bool in_turn = !a.labels.one && spec.classes <= 12;  // a class a column
  write_examples(a.out, examples_like(run.config, examples),
                 in_turn ? static_cast<int>(spec.classes) : 0);
  fmt::print("wrote {} of codes from {} to {}\n", internal::counted(a.count, "sample"), prior.name,
             a.out);
  if (a.novelty) print_novelty(run, examples, data_of("sample", run, a.data));
  return kDone;
}

void add_sample(CommandLine& program) {
  auto arguments = std::make_shared<SampleArguments>();
  SampleArguments& a = *arguments;
  const Command command = program.add_command("sample", "New examples, from random codes");
  command.add_option("run", a.run, "The run folder").required();
  command
      .add_option("-o,--output", a.out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  command.add_option("--count", a.count, "How many").show_default();
  command.add_option("--class,--label", a.labels.one,
                     "Of this class, for a class-conditional model (nothing: each in turn)");
  command.add_option("--seed", a.seed, "Of the codes").show_default();
  add_prior_options(command, a.from, a.data);
  command.add_flag("--novelty", a.novelty,
                   "Say how far the samples are from the training examples, and test examples too");
  command.set_action([arguments] { return sample(*arguments); });
}

const CommandEntry kSampleEntry(5, add_sample);

}  // namespace
}  // namespace hourglass::tools

// `hourglass reconstruct` and `hourglass denoise`: examples through a model and back.

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "ae/measure/image_metrics.h"
#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "ae/papers/denoising.h"
#include "autograd/ops/ops.h"
#include "nn/data/windows.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/example_files.h"
#include "tools/labels.h"

namespace hourglass::tools {

using namespace internal;

namespace {

struct ReconstructArguments {
  std::string run, out;
  std::vector<std::string> in;
  LabelArguments labels;
};

struct DenoiseArguments {
  ReconstructArguments all;
  std::optional<std::string> clean, noise;
  std::uint64_t seed = 0;
  bool json = false;
};

// Made when they are asked for: they may be more than fit in memory.
nn::Rows reconstructed(const ae::Autoencoder& model, const nn::DataSet& data,
                       const Tensor& labels) {
  const auto gather = [=, rows = data.rows()](const std::int32_t* ids, std::int64_t count) {
    const Tensor own = labels.defined() ? nn::Rows(labels).gather(ids, count) : Tensor();
    return ae::reconstructions(model, {rows.gather(ids, count), own});
  };
  const std::int32_t first = 0;
  return {data.examples.shape(), gather(&first, 1).dtype(), gather};
}

// What is asked for, as it was read.
struct Asked {
  LoadedRun run;
  nn::RawData raw;
  nn::DataSet data;
};

Asked read_asked(const char* who, const ReconstructArguments& arguments) {
  Asked asked{open_run(arguments.run), {}, {}};
  check_output(arguments.out, asked.run.config.kind);
  asked.raw = read_examples(who, arguments.in, asked.run.config);
  asked.data = examples_in(asked.raw, asked.run.config.reading);
  return asked;
}

// Writes the reconstructions of examples and gives them.
nn::Rows write_reconstructed(const char* who, const ReconstructArguments& arguments,
                             const Asked& asked) {
  const RunConfig& config = asked.run.config;
  const Tensor labels = labels_of(who, config.spec, arguments.labels, asked.data, arguments.in[0]);
  const nn::Rows result = reconstructed(asked.run.model, asked.data, labels);
  const bool series = config.kind == nn::DataKind::kSeries;
  write_examples(arguments.out,
                 examples_like(config, series ? nn::Rows(nn::overlaid(result, asked.raw,
                                                                      config.reading.stride))
                                              : result));
  return result;
}

int reconstruct(const ReconstructArguments& arguments) {
  const Asked asked = read_asked("reconstruct", arguments);
  write_reconstructed("reconstruct", arguments, asked);
  fmt::print("wrote {} to {}{}\n", internal::counted(asked.data.count(), "reconstruction"),
             arguments.out, trained_on_text(asked.run.config, asked.raw));
  return kDone;
}

// --- denoise ---

// Examples with noise in the model's numbers, [N, example...] in the data's units.
Tensor with_noise(const DenoiseArguments& a, const Asked& asked) {
  const ae::Corruption noise = ae::Corruption::from_text(*a.noise);
  const ae::Autoencoder& model = asked.run.model;
  if (model.input.scale == ae::Scale::kLog1p) {
    throw Error("denoise: noise: of counts there is no way back from noisy logarithms");
  }
  const Var x = model.scaled(constant(asked.data.rows().tensor()));
  const Var noisy = ae::corrupt(x, noise, random_key(a.seed), "noise");
  return model.unscaled(noisy).value().reshape(asked.data.examples.shape());
}

// The clean examples of --clean, or with --noise those that were given; nothing without either.
std::optional<nn::DataSet> clean_examples(const DenoiseArguments& a, const Asked& asked) {
  if (a.clean && a.noise) throw Error("denoise: --clean and --noise: leave one out");
  if (a.noise) return asked.data;
  if (!a.clean) return std::nullopt;
  const RunConfig& config = asked.run.config;
  const nn::DataSet clean =
      examples_in(read_examples("denoise", {*a.clean}, config), config.reading);
  if (clean.count() != asked.data.count()) {
    throw Error(fmt::format("denoise: clean: {} holds {} for {}", *a.clean,
                            counted(clean.count(), config.kind),
                            internal::counted(asked.data.count(), "noisy one")));
  }
  return clean;
}

// In the units of what is written: pixels from 0 to 1, else the data's own.
Tensor shown_numbers(const LoadedRun& run, const nn::Rows& rows) {
  const bool pixels = run.model.input.scale == ae::Scale::kPixels;
  const Tensor stored = rows.tensor();
  return (pixels ? ae::pixels(constant(stored)).value() : stored).cast(DType::kF32);
}

struct Judged {
  std::string name;
  double before = 0, after = 0;
};

double average_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double squared_error_of(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) sum += std::pow(a.at(i) - b.at(i), 2);
  return sum / static_cast<double>(a.elements());
}

// How far what was given and what came of it are from the clean examples.
std::vector<Judged> judged_by_clean(const LoadedRun& run, const nn::DataSet& clean,
                                    const nn::Rows& given, const nn::Rows& result) {
  const Tensor target = shown_numbers(run, clean.examples), before = shown_numbers(run, given),
               after = shown_numbers(run, result);
  std::vector<Judged> all = {
      {"mse", squared_error_of(before, target), squared_error_of(after, target)}};
  if (run.config.kind != nn::DataKind::kImage) return all;
  all.push_back(
      {"psnr", average_of(ae::psnr(before, target)), average_of(ae::psnr(after, target))});
  const Shape& s = target.shape();
  if (s[2] < ae::kSsimWindow || s[3] < ae::kSsimWindow) return all;
  const auto planes = [&](const Tensor& images) {
    return images.reshape(Shape{s[0] * s[1], s[2], s[3]});
  };
  const Tensor plain = planes(target);
  all.push_back({"ssim", average_of(ae::ssim(planes(before), plain)),
                 average_of(ae::ssim(planes(after), plain))});
  return all;
}

void report_denoised(const DenoiseArguments& a, const Asked& asked,
                     const std::vector<Judged>& figures) {
  if (a.json) {
    Json j = {{"model", asked.run.config.model},
              {"examples", asked.data.count()},
              {"trained_on", trained_on(asked.run.config, asked.raw)}};
    for (const Judged& each : figures) {
      j[each.name] = {{"before", each.before}, {"after", each.after}};
    }
    fmt::print("{}\n", json_text(j, 2));
    return;
  }
  for (const Judged& each : figures) {
    fmt::print("{:<5} {:.5g} before, {:.5g} after\n", each.name, each.before, each.after);
  }
  fmt::print("wrote {} without noise to {}{}\n", counted(asked.data.count(), asked.run.config.kind),
             a.all.out, trained_on_text(asked.run.config, asked.raw));
}

int denoise(const DenoiseArguments& a) {
  Asked asked = read_asked("denoise", a.all);
  const std::optional<nn::DataSet> clean = clean_examples(a, asked);
  if (a.noise) asked.data.examples = with_noise(a, asked);
  const nn::Rows result = write_reconstructed("denoise", a.all, asked);
  report_denoised(a, asked,
                  clean ? judged_by_clean(asked.run, *clean, asked.data.examples, result)
                        : std::vector<Judged>());
  return kDone;
}

// The words and options of both.
void add_arguments(const Command& command, ReconstructArguments& a) {
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("in", a.in, data_help("")).required();
  command
      .add_option("-o,--output", a.out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  add_label_options(command, a.labels);
}

void add_reconstruct(CommandLine& program) {
  auto arguments = std::make_shared<ReconstructArguments>();
  const Command command =
      program.add_command("reconstruct", "Examples through a model and back, in their own units");
  add_arguments(command, *arguments);
  command.set_action([arguments] { return reconstruct(*arguments); });
}

void add_denoise(CommandLine& program) {
  auto arguments = std::make_shared<DenoiseArguments>();
  DenoiseArguments& a = *arguments;
  const Command command = program.add_command(
      "denoise", "What noisy examples are without their noise, and how near that is to clean ones");
  add_arguments(command, a.all);
  command.add_option("--clean", a.clean, "The same examples without noise, to judge by");
  command
      .add_option("--noise", a.noise,
                  "Those given are clean: add this first, as train's --corruption has it, and "
                  "judge by them")
      .offers(ae::corruption_forms());
  command.add_option("--seed", a.seed, "Of that noise").show_default();
  command.add_flag("--json", a.json, "As JSON");
  command.set_action([arguments] { return denoise(*arguments); });
}

const CommandEntry kReconstructEntry(2, add_reconstruct);
const CommandEntry kDenoiseEntry(2, add_denoise);

}  // namespace
}  // namespace hourglass::tools

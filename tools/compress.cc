// `hourglass compress` and `hourglass decompress`: examples as quantised codes in a file.

#include <fmt/core.h>

#include <cmath>
#include <numeric>

#include "ae/exchange/compressed.h"
#include "ae/measure/code_quantiser.h"
#include "ae/measure/image_metrics.h"
#include "ae/model/model_file.h"
#include "autograd/ops/ops.h"
#include "nn/train/evaluation.h"
#include "tensor/error.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/example_files.h"
#include "tools/labels.h"

namespace hourglass::tools {
namespace {

struct CompressArguments {
  std::string run, out;
  std::vector<std::string> in;
  LabelArguments labels;
  std::optional<int> bits;
  std::optional<double> step;
};

struct DecompressArguments {
  std::string run, in, out;
  LabelArguments labels;
};

bool has_codebook(const LoadedRun& run) { return run.model.codebook.defined(); }

double step_of(const CompressArguments& a, const LoadedRun& run) {
  if (has_codebook(run) && (a.bits || a.step)) {
    throw Error("compress: the model's codes are of a codebook: they have no steps");
  }
  if (a.step) return *a.step;
  constexpr int kUsual = 5;
  const int bits = a.bits.value_or(kUsual);
  if (bits < 1 || bits > 16) {
    throw Error(fmt::format("compress: bits: expected 1 to 16: got {}", bits));
  }
  return std::ldexp(8.0, -bits);
}

// Places in the codebook, i32 [N, vectors].
Tensor places_of(const LoadedRun& run, const ae::Examples& examples) {
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const ae::Batch b = ae::batch_of(batch);
        return run.model.encode(run.model.scaled(b.images), b.labels).quantised.indices;
      },
      ae::rows_of(examples));
}

// The codes that the symbols of a file stand for, f32 [N, H].
Tensor codes_in(const LoadedRun& run, const ae::CompressedCodes& file) {
  if (file.steps.defined()) {
    return ae::CodeQuantiser{file.means, file.steps}.codes(file.symbols);
  }
  const Shape shape{file.symbols.shape()[0], run.config.spec.code_width()};
  return reshape(embedding(run.model.codebook, constant(file.symbols)), shape).value();
}

ae::CompressedCodes compressed_codes(const CompressArguments& a, const LoadedRun& run,
                                     const nn::DataSet& data, const Tensor& labels) {
  ae::CompressedCodes file{.model = ae::model_sha256(run.model),
                           .kind = std::string(name_of(run.config.kind)),
                           .example = data.example_shape(),
                           .dtype = std::string(name_of(data.examples.dtype())),
                           .symbols = {},
                           .means = {},
                           .steps = {}};
  const double step = step_of(a, run);
  if (has_codebook(run)) {
    file.symbols = places_of(run, {data.rows(), labels});
    return file;
  }
  const nn::DataSet train = data_of("compress", run, std::nullopt).all;
  const ae::CodeQuantiser quantiser = ae::fit_quantiser(
      encode_examples(run, train.examples, examples_of(run.config.spec, train).labels), step);
  file.symbols = quantiser.symbols(encode_examples(run, data.examples, labels));
  file.means = quantiser.means;
  file.steps = quantiser.steps;
  return file;
}

// How far off what will come back is: of images in dB, else the root of the mean squared error.
std::string lost_text(const LoadedRun& run, const nn::DataSet& data, const Tensor& back) {
  const Tensor given = run.model.input.scale == ae::Scale::kPixels
                           ? ae::pixels(constant(data.examples.tensor())).value()
                           : data.examples.tensor();
  if (run.config.kind == nn::DataKind::kImage) {
    const std::vector<double> each = ae::psnr(given.cast(DType::kF32), back.cast(DType::kF32));
    return fmt::format("PSNR {:.2f} dB", std::accumulate(each.begin(), each.end(), 0.0) /
                                             static_cast<double>(each.size()));
  }
  double squares = 0;
  for (std::int64_t i = 0; i < back.elements(); ++i) {
    squares += std::pow(back.at(i) - given.at(i), 2) / static_cast<double>(back.elements());
  }
  return fmt::format("root of the mean squared error {:.5g}", std::sqrt(squares));
}

int compress(const CompressArguments& a) {
  const LoadedRun run = open_run(a.run);
  const nn::RawData raw = read_examples("compress", a.in, run.config);
  const nn::DataSet data = examples_in(raw, run.config.reading);
  const Tensor labels = labels_of("compress", run.config.spec, a.labels, data, a.in[0]);
  const ae::CompressedCodes file = compressed_codes(a, run, data, labels);
  const Tensor back = decode_codes(run, codes_in(run, file), labels);
  const std::uint64_t bytes = ae::write_compressed(a.out, file);
  const auto numbers = static_cast<double>(data.count() * data.width());
  fmt::print("wrote {} to {}{}\n", counted(data.count(), run.config.kind), a.out,
             trained_on_text(run.config, raw));
  fmt::print(
      "{} bytes in, {} bytes out, {:.4f} bits a number, {}\n",
      data.count() * data.width() * static_cast<std::int64_t>(size_of(data.examples.dtype())),
      bytes, 8 * static_cast<double>(bytes) / numbers, lost_text(run, data, back));
  return kDone;
}

void check_own(const LoadedRun& run, const ae::CompressedCodes& file, const std::string& path) {
  const std::string own = ae::model_sha256(run.model);
  if (file.model != own) {
    throw Error(
        fmt::format("decompress: {}: is of another model: SHA-256 {:.12} in the file, "
                    "{:.12} of the run",
                    path, file.model, own));
  }
  const ae::Spec& spec = run.config.spec;
  const std::int64_t width =
      has_codebook(run) ? spec.code_width() / run.model.codebook.shape()[1] : spec.code_width();
  bool fits = file.symbols.shape()[1] == width && file.steps.defined() != has_codebook(run);
  for (std::int64_t i = 0; fits && has_codebook(run) && i < file.symbols.elements(); ++i) {
    fits = file.symbols.at(i) >= 0 && file.symbols.at(i) < run.model.codebook.size(0);
  }
  if (!fits) throw FileError(fmt::format("decompress: {}: holds no codes of the model", path));
}

int decompress(const DecompressArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out, run.config.kind);
  const ae::CompressedCodes file = ae::read_compressed(a.in);
  check_own(run, file, a.in);
  const std::int64_t count = file.symbols.shape()[0];
  const Tensor examples = decode_codes(run, codes_in(run, file),
                                       labels_of("decompress", run.config.spec, a.labels, count));
  write_examples(a.out, examples_like(run.config, examples));
  fmt::print("wrote {} to {}\n", counted(count, run.config.kind), a.out);
  return kDone;
}

void add_compress(CommandLine& program) {
  auto arguments = std::make_shared<CompressArguments>();
  CompressArguments& a = *arguments;
  const Command command = program.add_command(
      "compress", "Examples as the quantised codes of a model, in a small file for decompress");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("in", a.in, data_help("")).required();
  command.add_option("-o,--output", a.out, "The file to write, of any name").required();
  const Option bits = command.add_option(
      "--bits", a.bits,
      "A step is 8 / 2^BITS deviations of a number of the code over the training examples");
  bits.shows("5");
  command.add_option("--step", a.step, "The same in deviations").excludes(bits);
  add_label_options(command, a.labels);
  command.set_action([arguments] { return compress(*arguments); });
}

void add_decompress(CommandLine& program) {
  auto arguments = std::make_shared<DecompressArguments>();
  DecompressArguments& a = *arguments;
  const Command command = program.add_command(
      "decompress", "What a file of compress stands for, by the model that it is of");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("in", a.in, "The file").required();
  command
      .add_option("-o,--output", a.out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  add_label_options(command, a.labels);
  command.set_action([arguments] { return decompress(*arguments); });
}

const CommandEntry kCompressEntry(10, add_compress);
const CommandEntry kDecompressEntry(10, add_decompress);

}  // namespace
}  // namespace hourglass::tools

#include <fmt/core.h>

#include "tensor/counted.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/example_files.h"
#include "tools/labels.h"

namespace hourglass::tools {
namespace {

struct EncodeArguments {
  std::string run, out;
  std::vector<std::string> in;
  LabelArguments labels;
};

int encode(const EncodeArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_codes_output(a.out);
  const nn::RawData data = read_examples("encode", a.in, run.config);
  const nn::DataSet examples = examples_in(data, run.config.reading);
  const Tensor labels = labels_of("encode", run.config.spec, a.labels, examples, a.in[0]);
  const Tensor codes = encode_examples(run, examples.examples, labels);
  write_codes(a.out, codes);
  fmt::print("wrote {} of {} to {}{}\n", internal::counted(codes.shape()[0], "code"),
             internal::counted(codes.shape()[1], "number"), a.out,
             trained_on_text(run.config, data));
  return kDone;
}

int decode(const EncodeArguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out, run.config.kind);
  const Tensor codes = read_codes(a.in[0], run.config.spec.code_width());
  const Tensor examples =
      decode_codes(run, codes, labels_of("decode", run.config.spec, a.labels, codes.shape()[0]));
  write_examples(a.out, examples_like(run.config, examples));
  fmt::print("wrote {} to {}\n", counted(examples.shape()[0], run.config.kind), a.out);
  return kDone;
}

void add_encode(CommandLine& program) {
  auto arguments = std::make_shared<EncodeArguments>();
  const Command command = program.add_command("encode", "The codes of examples, without noise");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("in", arguments->in, data_help("")).required();
  command.add_option("-o,--output", arguments->out, "The file to write: .csv, .npy, .idx or .png")
      .required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return encode(*arguments); });
}

void add_decode(CommandLine& program) {
  auto arguments = std::make_shared<EncodeArguments>();
  const Command command = program.add_command(
      "decode",
      "What codes stand for (poor where the decoder unpools: codes do not hold the places)");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("in", arguments->in, "Codes: NPY, IDX or CSV [N, H]").required().one_word();
  command
      .add_option("-o,--output", arguments->out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return decode(*arguments); });
}

const CommandEntry kEncodeEntry(3, add_encode);
const CommandEntry kDecodeEntry(4, add_decode);

}  // namespace
}  // namespace hourglass::tools

#include <fmt/core.h>

#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/labels.h"

namespace hourglass::tools {
namespace {

struct Arguments {
  std::string run, out;
  std::vector<std::string> in;
  LabelArguments labels;
};

int encode(const Arguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out);
  const Tensor images = read_examples("encode", a.in, run.config).examples;
  const Tensor labels = labels_of("encode", run.config.spec, a.labels, images.shape()[0], a.in[0]);
  const Tensor codes = encode_images(run, images, labels);
  write_codes(a.out, codes);
  fmt::print("wrote {} codes of {} numbers to {}\n", codes.shape()[0], codes.shape()[1], a.out);
  return kDone;
}

int decode(const Arguments& a) {
  const LoadedRun run = open_run(a.run);
  check_output(a.out);
  const Tensor codes = read_codes(a.in[0], run.config.spec.code_width());
  const Tensor images =
      decode_codes(run, codes, labels_of("decode", run.config.spec, a.labels, codes.shape()[0]));
  write_examples(a.out, images);
  fmt::print("wrote {} images to {}\n", images.shape()[0], a.out);
  return kDone;
}

void add_encode(CommandLine& program) {
  auto arguments = std::make_shared<Arguments>();
  const Command command =
      program.add_command("encode", "The codes of images, without noise: NPY, IDX or a picture");
  command.add_option("run", arguments->run, "The run folder").required();
  command
      .add_option("in", arguments->in,
                  "Images: IDX [N, H, W], NPY [N, H, W], PNG files or a folder of them")
      .required();
  command.add_option("-o,--output", arguments->out, "The file to write: .npy, .idx or .png")
      .required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return encode(*arguments); });
}

void add_decode(CommandLine& program) {
  auto arguments = std::make_shared<Arguments>();
  const Command command = program.add_command(
      "decode",
      "The images of codes (poor ones where the decoder unpools: codes do not hold the places)");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("in", arguments->in, "Codes: NPY or IDX [N, H]").required().one_word();
  command.add_option("-o,--output", arguments->out, "The file to write: .idx, .npy or .png")
      .required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return decode(*arguments); });
}

const CommandEntry kEncodeEntry(3, add_encode);
const CommandEntry kDecodeEntry(4, add_decode);

}  // namespace
}  // namespace hourglass::tools

#include <fmt/core.h>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "tensor/error.h"
#include "tools/commands.h"
#include "tools/image_files.h"
#include "tools/labels.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

struct ReconstructArguments {
  std::string run, out;
  std::vector<std::string> in;
  LabelArguments labels;
};

int reconstruct(const ReconstructArguments& arguments) {
  const RunConfig config = read_config(arguments.run);
  const ae::Autoencoder model = ae::load_run(arguments.run);
  check_image_output(arguments.out);
  const Tensor images = read_image_files(arguments.in, config.height, config.width, config.pad > 0);
  const Tensor rows = images.reshape(Shape{images.shape()[0], config.height * config.width});
  const Tensor labels =
      labels_of("reconstruct", config.spec, arguments.labels, images.shape()[0], arguments.in[0]);
  const Tensor result = ae::reconstructions(model, {rows, labels});
  write_image_file(arguments.out, result.reshape(images.shape()));
  fmt::print("wrote {} reconstructions to {}\n", images.shape()[0], arguments.out);
  return kDone;
}

void add_reconstruct(CommandLine& program) {
  auto arguments = std::make_shared<ReconstructArguments>();
  const Command command =
      program.add_command("reconstruct", "Images through a model: IDX, NPY or PNG in and out");
  command.add_option("run", arguments->run, "The run folder").required();
  command
      .add_option("in", arguments->in,
                  "Images: IDX [N, H, W], NPY [N, H, W], PNG files or a folder of them")
      .required();
  command.add_option("-o,--output", arguments->out, "The file to write: .idx, .npy or .png")
      .required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return reconstruct(*arguments); });
}

const CommandEntry kReconstructEntry(2, add_reconstruct);

}  // namespace
}  // namespace hourglass::tools

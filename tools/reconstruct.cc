#include <fmt/core.h>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "tensor/error.h"
#include "tools/commands.h"
#include "tools/example_files.h"
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
  check_output(arguments.out);
  const nn::DataSet data = read_examples("reconstruct", arguments.in, config);
  const Tensor labels =
      labels_of("reconstruct", config.spec, arguments.labels, data.count(), arguments.in[0]);
  const Tensor result = ae::reconstructions(model, {data.rows(), labels});
  write_examples(arguments.out, result.reshape(data.examples.shape()));
  fmt::print("wrote {} reconstructions to {}\n", data.count(), arguments.out);
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

#include <fmt/core.h>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "nn/data/windows.h"
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

int reconstruct(const ReconstructArguments& arguments) {
  const RunConfig config = read_config(arguments.run);
  const ae::Autoencoder model = ae::load_run(arguments.run);
  check_output(arguments.out, config.kind);
  const nn::RawData raw = read_examples("reconstruct", arguments.in, config);
  const nn::DataSet data = examples_in(raw, config.reading);
  const Tensor labels =
      labels_of("reconstruct", config.spec, arguments.labels, data, arguments.in[0]);
  const nn::Rows result = reconstructed(model, data, labels);
  const bool series = config.kind == nn::DataKind::kSeries;
  write_examples(
      arguments.out,
      examples_like(config,
                    series ? nn::Rows(nn::overlaid(result, raw, config.reading.stride)) : result));
  fmt::print("wrote {} reconstructions to {}{}\n", data.count(), arguments.out,
             trained_on_text(config, raw));
  return kDone;
}

void add_reconstruct(CommandLine& program) {
  auto arguments = std::make_shared<ReconstructArguments>();
  const Command command =
      program.add_command("reconstruct", "Examples through a model and back, in their own units");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("in", arguments->in, data_help("")).required();
  command
      .add_option("-o,--output", arguments->out,
                  "The file to write: .idx, .npy or .png of images, else .csv or .npy")
      .required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return reconstruct(*arguments); });
}

const CommandEntry kReconstructEntry(2, add_reconstruct);

}  // namespace
}  // namespace hourglass::tools

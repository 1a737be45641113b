#include <fmt/core.h>

#include "ae/exchange/weights.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/new_folder.h"
#include "tensor/files/safetensors.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/describe.h"
#include "tools/run_files.h"
#include "tools/say.h"
#include "tools/train_config.h"

namespace hourglass::tools {

using namespace internal;

namespace {

// The model is described as to `train`, which would make such a one.
struct ImportArguments {
  std::string file;
  TrainArguments model;
};

// Fills the model with a file's tensors; says which stands for which where the names are others.
void take_file(const std::string& path, ae::Autoencoder& model) {
  const std::vector<NamedTensor> tensors = read_safetensors(path).tensors;
  const std::vector<ae::WeightMatch> matches = ae::match_weights(tensors, model);
  std::int64_t left = 0, missing = 0, renamed = 0;
  for (const ae::WeightMatch& m : matches) {
    left += m.ours.empty();
    missing += m.theirs.empty() && !m.optional;
    renamed += m.theirs != m.ours && !m.optional;
  }
  if (renamed > 0) say("{}", ae::weights_table(matches));
  if (!ae::fits(matches)) {
    throw Error(
        fmt::format("import: {}: no tensor for {} of the model's parameters, no place for {}: the "
                    "options that say a model's widths are those of train",
                    path, missing, internal::counted(left, "tensor")));
  }
  ae::take_weights(tensors, matches, model);
}

int import_run(const ImportArguments& arguments) {
  const TrainArguments& a = arguments.model;
  const ModelEntry& entry = find_model(a.model);
  nn::TrainOptions options = default_options(entry);
  const NewFolderOptions place = {
      .replace = a.force, .marker = "config.json", .advice = "--force replaces it"};
  check_new_folder(a.out, "import", place);
  const DataOptions reading = reading_of(a);
  const nn::RawData data = load_data(a.data, reading);
  const nn::DataParts parts = nn::split(data, split_options(a.training, options, reading));
  fit_options(a, entry, parts.train, options);
  Run run;
  run.config = make_config(a, entry, options, reading, data, parts);
  run.config.outcome = kImported + arguments.file;
  run.model = ae::make_autoencoder(run.config.spec, 0);
  ae::fit_input(run.model, parts.train.rows());
  take_file(arguments.file, run.model);
  NewFolder folder(a.out, "import", place,
                   [&](const std::string& path) { write_config(path, run.config); });
  RunFiles(folder, run, 0).finish(parts.test);
  folder.commit();
  for (const nn::NamedValue& m : run.test) say("test {} {:.6g}\n", m.name, m.value);
  say("wrote {}\n", folder.target());
  return kDone;
}

void add_import(CommandLine& program) {
  auto arguments = std::make_shared<ImportArguments>();
  const Command command = program.add_command(
      "import", "Weights that PyTorch saved, under its own names or any others, as a run");
  TrainArguments& a = arguments->model;
  command.add_option("file", arguments->file, "Weights: .safetensors").required();
  command.add_option("--like", a.model, "The model that they are of: see `hourglass models`")
      .required()
      .offers(model_names());
  command.add_option("--out", a.out, "The run folder to write").required();
  command.add_flag("--force", a.force, "Replace --out if it exists");
  a.shape.add_to(command);
  command.begin_group("Data");
  command.add_option(
      "--data", a.data,
      data_help("(nothing: built-in digits), whose shape and columns the model has"));
  a.reading.add_to(command);
  command.set_action([arguments] { return import_run(*arguments); });
}

const CommandEntry kImportEntry(17, add_import);

}  // namespace
}  // namespace hourglass::tools

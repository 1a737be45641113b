#include <fmt/core.h>

#include <CLI/App.hpp>

#include "ae/metrics.h"
#include "ae/model_file.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

struct EvaluateArguments {
  std::string run;
  std::optional<std::string> data;
  bool json = false;
};

int evaluate(const EvaluateArguments& arguments) {
  const RunConfig config = read_config(arguments.run);
  const ae::Autoencoder model = ae::load_run(arguments.run);
  const nn::ImageData data = load_data(arguments.data.value_or(config.data));
  check_image_size("evaluate", config, data);
  const auto metrics = ae::reconstruction_metrics(model, data.test.rows());
  if (arguments.json) {
    Json j = {{"model", config.model}, {"data", data.source}, {"images", data.test.count()}};
    for (const ae::NamedValue& m : metrics) j[m.name] = m.value;
    fmt::print("{}\n", j.dump(2));
    return kDone;
  }
  fmt::print("{} on {} test images ({})\n", config.model, data.test.count(), data.source);
  for (const ae::NamedValue& m : metrics) fmt::print("{:<15} {:.6g}\n", m.name, m.value);
  return kDone;
}

}  // namespace

void add_evaluate(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command = app.add_subcommand("evaluate", "Test-set metrics of a run, by name");
  command->add_option("run", arguments->run, "The run folder")->required();
  command->add_option("--data", arguments->data,
                      "A folder of IDX files (nothing: what it learnt from)");
  command->add_flag("--json", arguments->json, "As JSON");
  command->callback(
      [&action, arguments] { action = [arguments] { return evaluate(*arguments); }; });
}

}  // namespace hourglass::tools

#include <fmt/core.h>

#include "autograd/check/gradcheck.h"
#include "autograd/ops/step.h"
#include "tensor/error.h"
#include "tools/catalogue.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

struct GradcheckArguments {
  std::string run;
  std::optional<std::string> data;
  std::int64_t images = 8;
  bool second = false;
};

// A wrong derivative is a failure; a point at which nothing can be said is none.
Exit exit_of(const CheckReport& report) {
  if (report.passed) return kDone;
  const CheckOutcome outcome = report.findings.back().outcome;
  const bool wrong = outcome == CheckOutcome::kWrong || outcome == CheckOutcome::kNotFinite;
  return wrong ? kFailed : kUndecided;
}

// The loss as it was trained, at the trained weights, in f64, on the first test examples.
int gradcheck(const GradcheckArguments& arguments) {
  if (arguments.images < 1) {
    throw Error(fmt::format("gradcheck: images: must be at least 1: got {}", arguments.images));
  }
  const LoadedRun run = open_run(arguments.run);
  const RunConfig& config = run.config;
  ae::Autoencoder model = run.model;
  const nn::DataSet test = *data_of("gradcheck", run, arguments.data).test;
  const std::int64_t count = std::min(arguments.images, test.count());
  const ae::Examples examples = examples_of(config.spec, test.range(0, count));
  nn::Batch batch;
  for (const Tensor& t : ae::tensors_of(examples)) batch.push_back(constant(t));
  Step step = make_step(config.options.seed);
  const Var loss = model_of_run(config.model).objective(model)(batch, step).loss;
  const std::vector<Var> parameters = model.trained_parameters();
  const CheckReport report = arguments.second ? hourglass::gradgradcheck(loss, parameters)
                                              : hourglass::gradcheck(loss, parameters);
  fmt::print("{}: the loss of {} of {} at the trained weights, in f64\n{}", config.model,
             counted(count, config.kind), test.source, to_string(report));
  return exit_of(report);
}

void add_gradcheck(CommandLine& program) {
  auto arguments = std::make_shared<GradcheckArguments>();
  const Command command = program.add_command(
      "gradcheck", "The gradient of a trained model against differences, in f64");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("--data", arguments->data, data_help("(nothing: what it learnt from)"));
  command.add_option("--images", arguments->images, "How many test examples").show_default();
  command.add_flag("--second", arguments->second, "The second order, too");
  command.set_action([arguments] { return gradcheck(*arguments); });
}

const CommandEntry kGradcheckEntry(14, add_gradcheck);

}  // namespace
}  // namespace hourglass::tools

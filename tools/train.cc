#include <fmt/core.h>

#include <CLI/App.hpp>
#include <atomic>
#include <csignal>
#include <filesystem>

#include "ae/metrics.h"
#include "ae/model_file.h"
#include "ae/pca.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/new_folder.h"
#include "tensor/files/png.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tools/catalogue.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/progress.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

struct TrainArguments {
  std::string model;
  std::string data;
  std::string out;
  bool force = false;
  ModelOptions shape;
  ae::TrainOptions options;
  std::optional<int> epochs;
  std::optional<std::string> schedule;
  std::optional<int> threads;
};

std::atomic<bool> interrupted = false;

// Ctrl-C asks training to stop after the step; a second one ends the program at once.
class InterruptScope {
 public:
  InterruptScope() {
    interrupted = false;
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupted = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before_);
  }
  ~InterruptScope() { sigaction(SIGINT, &before_, nullptr); }
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  struct sigaction before_ = {};
};

// The first of runs/MODEL-1, runs/MODEL-2, ... that is free.
std::string free_name(const std::string& model) {
  for (int i = 1;; ++i) {
    const std::string name = fmt::format("runs/{}-{}", model, i);
    if (!std::filesystem::exists(name)) return name;
  }
}

// A run being made: what is learnt, and the lines of its two journals.
struct Run {
  ae::Autoencoder model;
  RunConfig config;
  ae::TrainResult result;
  std::string metrics, timing;
  int epochs = 0;
};

ae::Examples examples_of(const nn::Images& images) { return {images.rows(), images.labels}; }

void learn(Run& run, const nn::ImageData& data) {
  if (!run.config.trained) {
    run.model = ae::pca_autoencoder(ae::fit_pca(data.train.rows()), run.config.spec.code_width());
    return;
  }
  run.model = ae::make_autoencoder(run.config.spec, run.config.options.seed);
  Progress progress;
  ae::TrainCallbacks callbacks;
  callbacks.on_step = [&](const ae::StepReport& report) {
    progress.step(report);
    return !interrupted;
  };
  callbacks.on_epoch = [&](const ae::EpochReport& report) {
    progress.epoch(report, run.config.options.epochs);
    run.epochs = report.epoch;
    run.metrics += metrics_line(report.epoch, "train", report.loss, report.terms).dump() + "\n";
    run.timing +=
        Json{{"epoch", report.epoch}, {"split", "train"}, {"seconds", report.seconds}}.dump() +
        "\n";
  };
  const InterruptScope scope;
  const auto objective = [&](const ae::Batch& batch, Step& step) {
    return ae::objective(run.model, batch, step);
  };
  run.result = ae::train(objective, run.model.parameters(), data.train.rows(), run.config.options,
                         callbacks);
}

void write_run(NewFolder& folder, Run& run, const nn::ImageData& data) {
  const std::vector<ae::NamedValue> metrics =
      ae::reconstruction_metrics(run.model, data.test.rows());
  const ae::ObjectiveMeans test = ae::objective_means(run.model, examples_of(data.test));
  run.metrics += metrics_line(run.epochs, "test", test.loss, test.terms, metrics).dump() + "\n";
  const std::string& path = folder.path();
  ae::save_model(path + "/model.safetensors", run.model);
  write_text(path + "/config.json", to_json(run.config).dump(2) + "\n", "train");
  write_text(path + "/metrics.jsonl", run.metrics, "train");
  write_text(path + "/timing.jsonl", run.timing, "train");
  write_png(path + "/reconstructions.png", reconstruction_sheet(run.model, data.test.images, 12));
  folder.commit();
  for (const ae::NamedValue& m : metrics) fmt::print("test {} {:.6g}\n", m.name, m.value);
}

RunConfig make_config(const TrainArguments& arguments, const ModelEntry& entry,
                      const nn::ImageData& data) {
  RunConfig config;
  config.model = entry.name;
  config.data = arguments.data.empty() ? "" : std::filesystem::absolute(arguments.data).string();
  config.source = arguments.data.empty() ? data.source : config.data;
  config.height = data.train.height();
  config.width = data.train.width();
  config.spec = make_spec(entry, arguments.shape, config.height * config.width);
  config.options = arguments.options;
  config.options.epochs = arguments.epochs.value_or(static_cast<int>(entry.default_epochs));
  config.options.schedule =
      arguments.schedule ? ae::schedule_named(*arguments.schedule) : entry.schedule;
  config.trained = entry.trained;
  if (config.trained) check(config.options);
  config.cpu_target = kernels::cpu_target();
  config.blas = kernels::blas_description();
  return config;
}

// How the training ended, for config.json and for the exit code.
int conclude(Run& run) {
  run.config.steps = run.result.steps;
  switch (run.result.outcome) {
    case ae::Outcome::kDone:
      run.config.outcome = "done";
      return kDone;
    case ae::Outcome::kEarly:
      run.config.outcome = "stopped early";
      return kDone;
    case ae::Outcome::kStopped:
      run.config.outcome = "stopped";
      return kInterrupted;
    case ae::Outcome::kDiverged:
      break;
  }
  run.config.outcome = run.result.reason;
  return kFailed;
}

int train(const TrainArguments& arguments) {
  const ModelEntry& entry = find_model(arguments.model);
  const std::string out = arguments.out.empty() ? free_name(entry.name) : arguments.out;
  NewFolder folder(
      out, "train",
      {.replace = arguments.force, .marker = "config.json"});  // refused before any work is done
  const ThreadScope threads(arguments.threads.value_or(hourglass::threads()));
  const nn::ImageData data = load_data(arguments.data);
  Run run;
  run.config = make_config(arguments, entry, data);
  fmt::print("{}: {} training and {} test images of {} by {} ({})\n", entry.name,
             data.train.count(), data.test.count(), data.train.height(), data.train.width(),
             data.source);
  learn(run, data);
  const int code = conclude(run);
  write_run(folder, run, data);
  if (run.result.outcome == ae::Outcome::kDiverged) {
    throw std::runtime_error(fmt::format(
        "train: {}: the weights of the last good step are kept in {}", run.result.reason, out));
  }
  if (code == kInterrupted) fmt::print("stopped: what was learnt is kept\n");
  fmt::print("wrote {0}/model.safetensors and {0}/reconstructions.png\n", out);
  return code;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand("train", "Train a model and write a run folder");
  TrainArguments& a = *arguments;
  command->add_option("model", a.model, "What to train: see `hourglass models`")->required();
  command->add_option("--data", a.data, "A folder of IDX files (nothing: built-in digits)");
  command->add_option("--out", a.out, "The run folder to write (nothing: runs/MODEL-1, -2, ...)");
  command->add_flag("--force", a.force, "Replace --out if it exists");
  add_model_options(*command, a.shape);
  command->add_option("--epochs", a.epochs, "Passes over the training images");
  command->add_option("--batch", a.options.batch, "Images a step")->capture_default_str();
  command->add_option("--lr", a.options.learning_rate, "Adam's learning rate")
      ->capture_default_str();
  command->add_option("--schedule", a.schedule, "Of the learning rate: constant or cosine");
  command->add_option("--seed", a.options.seed, "Of weights, order and noise")
      ->capture_default_str();
  command->add_option("--threads", a.threads, "How many threads compute (nothing: all cores)");
  command->callback([&action, arguments] { action = [arguments] { return train(*arguments); }; });
}

}  // namespace hourglass::tools

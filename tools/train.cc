#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/new_folder.h"
#include "tensor/files/write_error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/describe.h"
#include "tools/interrupt.h"
#include "tools/learn.h"
#include "tools/report/by_epoch.h"
#include "tools/report/report.h"
#include "tools/say.h"
#include "tools/train_config.h"

namespace hourglass::tools {

using namespace internal;

namespace {

// How the training ended, for config.json and for the exit code.
int conclude(Run& run) {
  const std::string doubt = run.doubt.empty() ? "" : ", but " + run.doubt;
  run.config.steps = run.result.steps;
  run.config.best_epoch = run.config.options.keep_best ? run.result.best_epoch : 0;
  switch (run.result.outcome) {
    case nn::Outcome::kDone:
      run.config.outcome = "done" + doubt;
      return kDone;
    case nn::Outcome::kEarly:
      run.config.outcome = "stopped early" + doubt;
      return kDone;
    case nn::Outcome::kStopped:
      run.config.outcome = "stopped";
      return interrupt_code();
    case nn::Outcome::kDiverged:
      break;
  }
  run.config.outcome = run.result.reason;
  return kFailed;
}

[[noreturn]] void fail_diverged(const Run& run, const std::string& out) {
  throw std::runtime_error(fmt::format(
      "train: {}: the weights of the last good step are kept in {}", run.result.reason, out));
}

// No picture is worth a training: what cannot be written is said once.
void add_pictures(ReconstructionsByEpoch& pictures, int epoch) {
  try {
    pictures.add(epoch);
  } catch (const FileError& error) {
    say("no more images by epoch: {}\n", error.what());
    pictures.stop();
  }
}

// Whatever speaks against a page, the run is there.
void add_page(const NewFolder& folder, const Run& run, const nn::DataSet& test) {
  const std::string name = std::filesystem::path(folder.target()).filename().string();
  try {
    write_report({run.config, run.model}, folder.path(), name, test);
  } catch (const WriteError&) {
    throw;
  } catch (const Error& error) {
    say("no report: {}\n", error.what());
  }
}

// One training, from its folder's beginning to its end; returns the exit code.
int train_into(NewFolder& folder, const TrainArguments& arguments, Run& run,
               const nn::DataParts& data) {
  const bool reports = !arguments.training.no_report;
  std::optional<ReconstructionsByEpoch> pictures;
  learn(run, data, arguments.training.no_diagnostics, [&](int epoch) {
    if (!reports) return;
    if (!pictures) pictures.emplace(folder.path(), run.model, data, run.config.options.epochs);
    add_pictures(*pictures, epoch);
  });
  const int code = conclude(run);
  write_run(folder, run, data.test);
  if (reports) add_page(folder, run, data.test);
  folder.commit();
  return code;
}

// Of the weights, which are most of what is written.
std::uint64_t weights_bytes(const ae::Spec& spec) {
  std::uint64_t elements = 0;
  for (const Var& parameter : ae::measured_parameters(spec)) {
    elements += static_cast<std::uint64_t>(parameter.elements());
  }
  return elements * sizeof(float);
}

bool is_named(const TrainArguments& arguments) { return arguments.out_option->given(); }

NewFolderOptions folder_options(const TrainArguments& arguments) {
  return {.numbered = !is_named(arguments),
          .replace = arguments.force,
          .marker = arguments.seeds > 1 ? "summary.json" : "config.json",
          .advice = "--force replaces it"};
}

// The same where it is known how much will be written to it.
NewFolderOptions folder_options(const TrainArguments& arguments, const ae::Spec& spec) {
  NewFolderOptions options = folder_options(arguments);
  options.bytes = weights_bytes(spec) * static_cast<std::uint64_t>(arguments.seeds);
  return options;
}

int train_once(const TrainArguments& arguments, const std::string& out, Run& run,
               const nn::DataParts& data) {
  NewFolder folder(out, "train", folder_options(arguments, run.config.spec),
                   [&](const std::string& path) { write_config(path, run.config); });
  const int code = train_into(folder, arguments, run, data);
  for (const auto& metrics : {run.test, run.figures}) {
    for (const nn::NamedValue& m : metrics) say("test {} {:.6g}\n", m.name, m.value);
  }
  if (run.result.outcome == nn::Outcome::kDiverged) fail_diverged(run, folder.target());
  if (run.result.outcome == nn::Outcome::kStopped) say("stopped: what was learnt is kept\n");
  if (run.config.best_epoch > 0) say("epoch {} was the best\n", run.config.best_epoch);
  say("wrote {0}/model.safetensors{1}\n", folder.target(),
      run.config.kind == nn::DataKind::kImage
          ? fmt::format(" and {}/reconstructions.png", folder.target())
          : "");
  if (!arguments.training.no_report) say("see {}/report.html\n", folder.target());
  return code;
}

using Metrics = std::vector<nn::NamedValue>;

// Mean and spread (standard deviation, n - 1) of each test metric over runs.
Json spread_of(const std::vector<Metrics>& tests) {
  Json spreads = Json::object();
  const double n = static_cast<double>(tests.size());
  for (std::size_t k = 0; k < tests[0].size(); ++k) {
    double mean = 0, squares = 0;
    Json each = Json::array();
    for (const Metrics& test : tests) {
      mean += test[k].value / n;
      each.push_back(test[k].value);
    }
    for (const Metrics& test : tests) {
      squares += (test[k].value - mean) * (test[k].value - mean);
    }
    spreads[tests[0][k].name] = {
        {"mean", mean}, {"spread", std::sqrt(squares / (n - 1))}, {"each", each}};
  }
  return spreads;
}

// The runs of several seeds that have ended so far.
struct Seeds {
  std::vector<std::uint64_t> seeds;
  std::vector<Metrics> tests;  // of those that did not diverge
  std::optional<Run> diverged;

  void add(const Run& run) {
    seeds.push_back(run.config.options.seed);
    if (run.result.outcome == nn::Outcome::kDiverged) {
      diverged = run;
    } else {
      tests.push_back(run.test);
    }
  }

  Json summary(const std::string& model) const {
    Json j = {{"model", model}, {"seeds", seeds}};
    if (diverged) j["diverged"] = diverged->config.options.seed;
    if (tests.size() > 1) j["test"] = spread_of(tests);
    return j;
  }

  void write(const std::string& folder, const std::string& model) const {
    write_text(folder + "/summary.json", json_text(summary(model), 2) + "\n", "train");
  }
};

void say_spread(const Json& summary, std::size_t runs) {
  if (!summary.contains("test")) return;
  for (const auto& [name, spread] : summary["test"].items()) {
    say("test {} {:.6g} +- {:.2g} over {} seeds\n", name, spread["mean"].get<double>(),
        spread["spread"].get<double>(), runs);
  }
}

// A run folder a seed inside of one folder, and summary.json. A seed that diverges ends it; those
// before it are kept.
int train_seeds(const TrainArguments& arguments, const std::string& out, const RunConfig& config,
                const nn::DataParts& data) {
  Seeds done;
  NewFolder folder(out, "train", folder_options(arguments, config.spec),
                   [&](const std::string& path) { done.write(path, config.model); });
  int code = kDone;
  for (int i = 0; i < arguments.seeds && code == kDone; ++i) {
    Run run;
    run.config = config;
    run.config.options.seed += static_cast<std::uint64_t>(i);
    const std::string name = fmt::format("seed-{}", run.config.options.seed);
    say("{}\n", name);
    NewFolder own(folder.file(name), "train", {.within = &folder},
                  [&](const std::string& path) { write_config(path, run.config); });
    code = train_into(own, arguments, run, data);
    done.add(run);
    done.write(folder.path(), config.model);
  }
  folder.commit();
  say_spread(done.summary(config.model), done.tests.size());
  if (done.diverged) {
    fail_diverged(*done.diverged,
                  fmt::format("{}/seed-{}", folder.target(), done.diverged->config.options.seed));
  }
  if (code != kDone) say("stopped: what was learnt is kept\n");
  say("wrote {} runs to {}\n", done.tests.size(), folder.target());
  return code;
}

// Seeds are counted upwards: the last of them has to be one.
void check_last_seed(std::uint64_t first, int seeds) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (first <= most - static_cast<std::uint64_t>(seeds - 1)) return;
  throw Error(fmt::format("seeds: {} from {} on: the largest seed is {}", seeds, first, most));
}

// What would be trained.
int describe(const RunConfig& config) {
  say("{}", model_text(config));
  if (config.trained) say("{}\n", training_text(config));
  return kDone;
}

int train(const TrainArguments& arguments) {
  const ModelEntry& entry = find_model(arguments.model);
  if (arguments.seeds < 1 || arguments.seeds > 1000) {
    throw Error(fmt::format("seeds: expected 1 to 1000: got {}", arguments.seeds));
  }
  const TrainingArguments& training = arguments.training;
  nn::TrainOptions options = options_of(training, entry);
  check_last_seed(options.seed, arguments.seeds);
  const std::string out = is_named(arguments) ? arguments.out : "runs/" + entry.name;
  const InterruptScope interrupts;
  // Refused before any work.
  if (!arguments.dry_run) check_new_folder(out, "train", folder_options(arguments));
  const ThreadScope threads(training.threads.value_or(hourglass::threads()));
  const kernels::PortableBits portable(training.portable_bits);
  const DataOptions reading = reading_of(arguments);
  const nn::RawData data = load_data(arguments.data, reading);
  const nn::DataParts parts = nn::split(data, split_options(training, options, reading));
  fit_options(arguments, entry, parts.train, options);
  Run run;
  run.config = make_config(arguments, entry, options, reading, data, parts);
  // What the data cannot be, or what there is no memory for, is said ahead of all work, too.
  if (run.config.trained) {
    nn::check_training_memory(ae::measured_parameters(run.config.spec), run.config.options);
  }
  for (const nn::DataSet* part : {&parts.train, &parts.test}) examples_of(run.config.spec, *part);
  if (interrupted()) {
    say("stopped: nothing was learnt yet\n");
    return interrupt_code();
  }
  for (const std::string& note : data.notes) say("{}\n", printable(note));
  say("{}: {} training and {} test {} ({})\n", entry.name, parts.train.count(), parts.test.count(),
      nn::kind_text(parts.train), data.all.source);
  if (run.config.validation > 0) {
    say("{} validation {}\n", run.config.validation, nn::plural(parts.train.kind));
  }
  say("{}", taken_text(run.config.spec, run.config.kind));
  say("{}", missing_text(nn::missing_classes(data, parts.train), data.all));
  if (arguments.dry_run) return describe(run.config);
  return arguments.seeds > 1 ? train_seeds(arguments, out, run.config, parts)
                             : train_once(arguments, out, run, parts);
}

// In --help, what the model of that name has where an option is not given.
void show_defaults(const std::string& name, const TrainArguments& arguments) {
  const ModelEntry* entry = model_or_none(name);
  if (!entry) return;
  arguments.shape.show_defaults(entry->spec());
  show_defaults(arguments.training, default_options(*entry), true);
}

void add_train(CommandLine& program) {
  auto arguments = std::make_shared<TrainArguments>();
  const Command command = program.add_command("train", "Train a model and write a run folder");
  TrainArguments& a = *arguments;
  command.add_option("model", a.model, "What to train: see `hourglass models`")
      .required()
      .each([&a](const std::string& name) { show_defaults(name, a); });
  a.shape.add_to(command);
  command.begin_group("Training");
  add_training_options(command, a.training);
  show_defaults(a.training, {}, false);
  command.add_option("--pretrain", a.training.pretrain,
                     "Epochs for each layer on its own, from the bottom, ahead of training");
  command.begin_group("Data");
  command.add_option("--data", a.data, data_help("(nothing: built-in digits)"));
  a.reading.add_to(command);
  add_split_options(command, a.training);
  command.begin_group("Output");
  a.out_option = command.add_option("--out", a.out,
                                    "The run folder to write (nothing: runs/MODEL-1, -2, ...)");
  command.add_flag("--force", a.force, "Replace --out if it exists");
  command.add_flag("--dry-run", a.dry_run, "Say what would be trained, on what, and stop");
  command.add_option("--seeds", a.seeds, "So many runs, from --seed upwards, with mean and spread")
      .show_default();
  command.add_flag("--no-diagnostics", a.training.no_diagnostics,
                   "No look at codes, Jacobians and gradient norms at the end of each epoch");
  command.add_flag("--no-report", a.training.no_report,
                   "No page of the run, and no reconstructions by epoch for it");
  command.set_action([arguments] { return train(*arguments); });
}

const CommandEntry kTrainEntry(0, add_train);

}  // namespace
}  // namespace hourglass::tools

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>

#include "nn/train/optimizers.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/new_folder.h"
#include "tensor/files/write_error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/describe.h"
#include "tools/init_from.h"
#include "tools/interrupt.h"
#include "tools/resume.h"
#include "tools/run_data.h"
#include "tools/say.h"
#include "tools/train_config.h"
#include "tools/train_seeds.h"

namespace hourglass::tools {

using namespace internal;

namespace {

std::uint64_t weights_bytes(const ae::Spec& spec) {
  std::uint64_t elements = 0;
  for (const Var& parameter : ae::measured_parameters(spec)) {
    elements += static_cast<std::uint64_t>(parameter.elements());
  }
  return elements * sizeof(float);
}

// How many times the weights a checkpoint holds: themselves, their moments and averages, as they are,
// as they were when the epoch began and as the best epoch left them. 0: there is none.
std::uint64_t checkpoint_copies(const TrainArguments& arguments, const RunConfig& config) {
  if (!config.trained || arguments.save_every == 0) return 0;
  const nn::TrainOptions& options = config.options;
  const int moments = nn::Optimizer(options.optimizer).state_per_parameter();
  const int averages = options.average > 0 ? 1 : 0;
  return static_cast<std::uint64_t>((1 + moments + averages) * (options.keep_best ? 3 : 2));
}

bool is_named(const TrainArguments& arguments) { return arguments.out_option->given(); }

NewFolderOptions folder_options(const TrainArguments& arguments) {
  return {.numbered = !is_named(arguments),
          .replace = arguments.force,
          .marker = arguments.seeds > 1 ? "summary.json" : "config.json",
          .advice = "--force replaces it",
          .take_up = "hourglass train --resume " + printable(arguments.out)};
}

KeepOptions keep_options(const TrainArguments& arguments) {
  return {arguments.save_every, !arguments.training.no_report};
}

// The same where it is known how much will be written to it: a checkpoint stands beside the one that
// it replaces.
NewFolderOptions folder_options(const TrainArguments& arguments, const RunConfig& config) {
  NewFolderOptions options = folder_options(arguments);
  const std::uint64_t weights = weights_bytes(config.spec);
  const std::uint64_t checkpoint = weights * checkpoint_copies(arguments, config);
  options.bytes = (weights + checkpoint) * static_cast<std::uint64_t>(arguments.seeds) + checkpoint;
  options.largest_file = std::max(weights, checkpoint);
  return options;
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

// What killed processes left beside a folder that is to be written.
void say_left(const std::string& out) {
  for (const std::string& left : left_beside(out)) {
    say("{0} is what a process that was killed, or an older program, left: rm -r {0} removes it\n",
        printable(left));
  }
}

int train_new(const TrainArguments& arguments, const std::string& out, const RunConfig& config,
              const nn::DataParts& data) {
  const NewFolderOptions options = folder_options(arguments, config);
  if (arguments.seeds > 1) {
    const SeedsPlan plan{config, arguments.seeds};
    NewFolder folder(out, "train", options,
                     [&](const std::string& path) { write_seeds(path, plan); });
    return train_seeds(folder, plan, data, keep_options(arguments));
  }
  NewFolder folder(out, "train", options,
                   [&](const std::string& path) { write_config(path, config); });
  Run run;
  run.config = config;
  return train_one(folder, run, data, keep_options(arguments));
}

// Ahead of any data.
void check_arguments(const TrainArguments& arguments) {
  if (arguments.seeds < 1 || arguments.seeds > 1000) {
    throw Error(fmt::format("seeds: expected 1 to 1000: got {}", arguments.seeds));
  }
  if (arguments.save_every && *arguments.save_every < 0) {
    throw Error(fmt::format("save-every: must be at least 0: got {}", *arguments.save_every));
  }
}

// A run as the options say, and its data.
RunData plan_run(const TrainArguments& arguments, const ModelEntry& entry, RunConfig& config) {
  const TrainingArguments& training = arguments.training;
  nn::TrainOptions options = options_of(training, entry);
  const DataOptions reading = reading_of(arguments);
  RunData data;
  data.raw = load_data(arguments.data, reading);
  data.parts = nn::split(data.raw, split_options(training, options, reading));
  fit_options(arguments, entry, data.parts.train, options);
  config = make_config(arguments, entry, options, reading, data.raw, data.parts);
  if (!arguments.init.empty()) set_init(config, arguments.init);
  return data;
}

// Throws Error where other options than these were given.
void only_given(const Command& command, const std::vector<std::string_view>& allowed,
                const std::string& why) {
  for (const std::string& name : command.all_given()) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    throw Error(fmt::format("train: {}: leave out {}", why, name));
  }
}

int resume_run(const TrainArguments& arguments, const Command& command) {
  only_given(command, {"--resume", "--epochs", "--threads", "--save-every", "--no-report"},
             "--resume goes on as the run was begun");
  std::optional<int> epochs;
  if (const std::optional<Value> given = arguments.training.fields.given("epochs")) {
    FieldType<int>::read("epochs", *given, epochs.emplace());
  }
  return resume({arguments.resume, epochs, arguments.training.threads, keep_options(arguments)});
}

// A run as another's config.json says, and its data, which may stand elsewhere by now.
RunData repeat_run(const TrainArguments& arguments, RunConfig& config) {
  if (!arguments.data.empty()) {
    config.data = std::filesystem::absolute(arguments.data).string();
  }
  config.outcome = kUnderWay;
  config.steps = config.best_epoch = 0;
  set_computed_by(config);
  return read_run_data(config);
}

// Data are read, and what cannot be is refused, ahead of all work.
int train_planned(const TrainArguments& arguments, const std::string& model, bool portable_bits,
                  const std::function<RunData(RunConfig&)>& plan) {
  const std::string out = is_named(arguments) ? arguments.out : "runs/" + model;
  const InterruptScope interrupts;
  if (!arguments.dry_run) {
    check_new_folder(out, "train", folder_options(arguments));
    say_left(out);
  }
  const ThreadScope threads(arguments.training.threads.value_or(hourglass::threads()));
  const kernels::PortableBits portable(portable_bits);
  RunConfig config;
  const RunData data = plan(config);
  check_trainable(config, data);
  if (interrupted()) {
    say("stopped: nothing was learnt yet\n");
    return interrupt_code();
  }
  say_beginning(config, data);
  if (arguments.dry_run) return describe(config);
  return train_new(arguments, out, config, data.parts);
}

// First weights are a rule's, or a run's.
void find_init(TrainArguments& arguments) {
  const std::optional<Value> given = arguments.shape.given("init");
  if (!given) return;
  const std::string& text = std::get<std::string>(*given);
  if (is_path(text)) arguments.init = arguments.shape.take_text("init").value_or("");
}

int train(TrainArguments& arguments, const Command& command) {
  check_arguments(arguments);
  if (!arguments.resume.empty()) return resume_run(arguments, command);
  if (!arguments.repeat.empty()) {
    only_given(
        command,
        {"--data", "--out", "--force", "--dry-run", "--threads", "--save-every", "--no-report"},
        "--config repeats the run of " + printable(arguments.repeat));
    const RunConfig repeated = read_config_file(arguments.repeat);
    return train_planned(arguments, repeated.model, repeated.portable_bits, [&](RunConfig& c) {
      c = repeated;
      return repeat_run(arguments, c);
    });
  }
  if (arguments.model.empty()) {
    throw Error("train: model is required: see hourglass train --help");
  }
  find_init(arguments);
  const ModelEntry& entry = find_model(arguments.model);
  check_last_seed(options_of(arguments.training, entry).seed, arguments.seeds);
  return train_planned(arguments, entry.name, arguments.training.portable_bits,
                       [&](RunConfig& c) { return plan_run(arguments, entry, c); });
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
      .offers(model_names())
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
  command.add_option("--save-every", a.save_every,
                     "Save where training stands every so many epochs, 0: never (nothing: each "
                     "epoch, at most once in 30 seconds)");
  command.add_option("--seeds", a.seeds, "So many runs, from --seed upwards, with mean and spread")
      .show_default();
  command.add_flag("--no-diagnostics", a.training.no_diagnostics,
                   "No look at codes, Jacobians and gradient norms at the end of each epoch");
  command.add_flag("--no-report", a.training.no_report,
                   "No page of the run, and no reconstructions by epoch for it");
  command.begin_group("Going on");
  command.add_option("--resume", a.resume,
                     "Go on with a run that was stopped or killed, as if it had never been; with "
                     "--epochs also one that is finished, to so many in all");
  command.begin_group("");
  command.add_option(kRepeatOption, a.repeat, "A run's config.json");
  command.set_action([arguments, command] { return train(*arguments, command); });
}

const CommandEntry kTrainEntry(0, add_train);

}  // namespace
}  // namespace hourglass::tools

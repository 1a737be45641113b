#include "tools/resume.h"

#include <fmt/core.h>

#include <filesystem>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tools/command_line.h"
#include "tools/interrupt.h"
#include "tools/run_data.h"
#include "tools/say.h"
#include "tools/train_config.h"
#include "tools/train_seeds.h"

namespace hourglass::tools {

using namespace internal;

namespace {

namespace fs = std::filesystem;

bool is_of_seeds(const std::string& run) { return has_seeds(run + ".new") || has_seeds(run); }

SeedsPlan read_plan(const std::string& folder) {
  if (has_seeds(folder)) return read_seeds(folder);
  const RunConfig config = read_config_file(folder + "/config.json");
  return {config, 1, is_finished(config)};
}

// So many epochs in all. A schedule that spans the run is laid anew over those that are added.
void extend(SeedsPlan& plan, int epochs, const std::string& folder, const std::string& run) {
  RunConfig& config = plan.first;
  int& planned = config.options.epochs;
  if (!config.trained) {
    throw Error(fmt::format("train: {} is solved, not trained: leave out --epochs", config.model));
  }
  if (epochs < planned) {
    throw Error(fmt::format("epochs: {} is of {}: expected that or more: got {}", printable(run),
                            planned, epochs));
  }
  if (epochs == planned) return;
  if (!goes_on(config)) {
    throw Error(
        fmt::format("epochs: {} ended by itself: {}", printable(run), printable(config.outcome)));
  }
  const bool one = !has_seeds(folder);
  if (plan.finished && one && !has_checkpoint(folder)) {
    throw Error(fmt::format(
        "epochs: {0} has no {1} to go on from: hourglass train {2} --init {0} begins with its "
        "weights",
        printable(run), kCheckpointFile, config.model));
  }
  if (config.options.schedule.kind == nn::Schedule::kCosine) {
    config.options.schedule.restarts.push_back(planned);
    say("the schedule cosine is laid anew over epochs {} to {}\n", planned + 1, epochs);
  }
  planned = epochs;
  plan.finished = false;
}

// Bits of another program or another kind of machine may be others.
void say_differences(const RunConfig& before) {
  RunConfig now = before;
  set_computed_by(now);
  const auto note = [](const char* what, const std::string& then, const std::string& here) {
    if (then == here) return;
    say("begun with {} {}, goes on with {}: the bits may differ\n", what, printable(then), here);
  };
  note("version", before.version, now.version);
  const bool fma = before.cpu_target != "baseline" && now.cpu_target != "baseline";
  if (!fma) note("kernels", before.cpu_target, now.cpu_target);
  if (!before.portable_bits) note("products by", before.blas, now.blas);
}

int say_finished(NewFolder& folder, const SeedsPlan& plan) {
  folder.commit();
  const std::string how =
      plan.count > 1 ? internal::counted(plan.count, "seed") : printable(plan.first.outcome);
  say("{} is finished: {}: nothing to do\n", printable(folder.target()), how);
  return kDone;
}

}  // namespace

int resume(const ResumeArguments& arguments) {
  const std::string& run = arguments.run;
  const InterruptScope interrupts;
  const ThreadScope threads(arguments.threads.value_or(hourglass::threads()));
  NewFolder folder = NewFolder::take_up(
      run, "train", {.marker = is_of_seeds(run) ? "summary.json" : "config.json"});
  SeedsPlan plan = read_plan(folder.path());
  const bool seeds = has_seeds(folder.path());
  if (arguments.epochs) extend(plan, *arguments.epochs, folder.path(), run);
  if (plan.finished) return say_finished(folder, plan);
  RunConfig& config = plan.first;
  const kernels::PortableBits portable(config.portable_bits);
  say_differences(config);
  const RunData data = read_run_data(config);
  check_trainable(config, data);
  config.outcome = kUnderWay;
  config.steps = config.best_epoch = 0;
  set_computed_by(config);
  say_beginning(config, data);
  if (seeds) return train_seeds(folder, plan, data.parts, arguments.keep);
  say_anew(folder.path(), run, config);
  Run one;
  one.config = config;
  return train_one(folder, one, data.parts, arguments.keep);
}

}  // namespace hourglass::tools

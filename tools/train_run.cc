#include "tools/train_run.h"

#include <fmt/core.h>

#include <stdexcept>

#include "tensor/error.h"
#include "tensor/files/write_error.h"
#include "tools/command_line.h"
#include "tools/interrupt.h"
#include "tools/report/by_epoch.h"
#include "tools/report/report.h"
#include "tools/say.h"

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
      run.config.outcome = kStopped;
      return interrupt_code();
    case nn::Outcome::kDiverged:
      break;
  }
  run.config.outcome = run.result.reason;
  return kFailed;
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
  try {
    write_report({run.config, run.model}, folder.path(), run_name(folder.target()), test);
  } catch (const WriteError&) {
    throw;
  } catch (const Error& error) {
    say("no report: {}\n", error.what());
  }
}

}  // namespace

void fail_diverged(const Run& run, const std::string& out) {
  throw std::runtime_error(fmt::format(
      "train: {}: the weights of the last good step are kept in {}", run.result.reason, out));
}

void say_anew(const std::string& folder, const std::string& name, const RunConfig& config) {
  if (!config.trained || has_checkpoint(folder)) return;
  say("{} has no {} to go on from: its training begins anew\n", printable(name), kCheckpointFile);
}

int train_into(NewFolder& folder, Run& run, const nn::DataParts& data, const KeepOptions& keep) {
  std::optional<Checkpoint> from;
  if (has_checkpoint(folder.path())) from = read_checkpoint("train", folder.path(), run.config);
  const Checkpoint* begun = from ? &*from : nullptr;
  RunFiles files(folder, run, keep.save_every, begun);
  write_config(folder.path(), run.config);  // of a run that goes on, perhaps for longer
  LearnCallbacks callbacks = files.callbacks();
  std::optional<ReconstructionsByEpoch> pictures;
  callbacks.ended = [&](int epoch) {
    if (!keep.report) return;
    if (!pictures) pictures.emplace(folder.path(), run.model, data, run.config.options.epochs);
    add_pictures(*pictures, epoch);
  };
  learn(run, data, callbacks, begun);
  from.reset();
  const int code = conclude(run);
  files.finish(data.test);
  if (keep.report) add_page(folder, run, data.test);
  folder.commit();
  return code;
}

int train_one(NewFolder& folder, Run& run, const nn::DataParts& data, const KeepOptions& keep) {
  const int code = train_into(folder, run, data, keep);
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
  if (keep.report) say("see {}/report.html\n", folder.target());
  return code;
}

}  // namespace hourglass::tools

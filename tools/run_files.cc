#include "tools/run_files.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "ae/model/model_file.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/png.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr std::chrono::seconds kUsualPause(30);  // from one checkpoint to the next

}  // namespace

RunFiles::RunFiles(NewFolder& folder, Run& run, SaveEvery every, const Checkpoint* from)
    : folder_(folder),
      run_(run),
      every_(every),
      metrics_(folder.file("metrics.jsonl"), "train", from ? from->metrics : 0),
      timing_(folder.file("timing.jsonl"), "train", from ? from->timing : 0) {}

LearnCallbacks RunFiles::callbacks() {
  LearnCallbacks callbacks;
  callbacks.metrics = [this](const Json& line) { metrics_.append(json_text(line) + "\n"); };
  callbacks.timing = [this](const Json& line) { timing_.append(json_text(line) + "\n"); };
  callbacks.checkpoint = [this](int layer, const nn::TrainState& state) {
    stands_at(layer, state);
  };
  return callbacks;
}

// The last checkpoint of a training waits for its weights, which matter more.
void RunFiles::stands_at(int layer, const nn::TrainState& state) {
  const bool ends = state.in_epoch() || (layer == 0 && state.epochs == run_.config.options.epochs);
  const bool due =
      every_ ? *every_ > 0 && state.epochs % *every_ == 0 : Clock::now() - saved_ >= kUsualPause;
  if (!ends && !due) return;
  Checkpoint checkpoint{layer, state, {}, metrics_.size(), timing_.size()};
  for (const nn::NamedParameter& p : parameters_beside(run_.model, layer)) {
    checkpoint.beside.push_back({p.name, p.parameter.tensor().clone()});
  }
  if (ends) {
    if (every_ != 0) last_ = std::move(checkpoint);
    return;
  }
  save(checkpoint);
}

void RunFiles::save(const Checkpoint& checkpoint) {
  sync();
  write_checkpoint(folder_.path(), checkpoint, run_.config);
  folder_.keep();
  saved_ = Clock::now();
}

void RunFiles::sync() {
  metrics_.sync();
  timing_.sync();
}

void RunFiles::finish(const nn::DataSet& test) {
  const std::string& path = folder_.path();
  ae::save_model(path + "/model.safetensors", run_.model, Durability::kDurable);
  folder_.keep();
  if (last_) save(*last_);
  last_.reset();
  metrics_.append(json_text(judge_by_test(run_, test)) + "\n");
  sync();
  if (test.kind == nn::DataKind::kImage) {
    write_png(path + "/reconstructions.png", reconstruction_sheet(run_.model, test, 12));
  }
  write_config(path, run_.config);
  const nn::Outcome outcome = run_.result.outcome;
  if (outcome != nn::Outcome::kEarly && outcome != nn::Outcome::kDiverged) return;
  std::filesystem::remove(path + "/" + kCheckpointFile);  // nothing goes on from there
}

void write_config(const std::string& folder, const RunConfig& config) {
  write_text(folder + "/config.json", json_text(to_json(config), 2) + "\n", "train",
             Durability::kDurable);
}

}  // namespace hourglass::tools

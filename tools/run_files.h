#pragma once

#include <chrono>
#include <optional>

#include "tensor/files/append_file.h"
#include "tensor/files/new_folder.h"
#include "tools/learn.h"

namespace hourglass::tools {

// When a run that learns is saved: at the end of every so many epochs, 0: never; nothing: of each,
// but at most once in 30 seconds.
using SaveEvery = std::optional<int>;

// What a training leaves beside its weights.
struct KeepOptions {
  SaveEvery save_every = {};
  bool report = true;  // a page, and reconstructions by epoch for it
};

// The files of a run that learns. Its journals grow by a line at once; a checkpoint counts how many
// bytes of them belong to it, and is on the disk after those. What is there of an older process
// beyond its checkpoint is cut off. Once the first checkpoint, or the weights, are on the disk, the
// folder is kept whatever follows. Throws FileError, of a full disk WriteError.
class RunFiles {
 public:
  RunFiles(internal::NewFolder& folder, Run& run, SaveEvery every,
           const Checkpoint* from = nullptr);

  LearnCallbacks callbacks();

  // Weights, the last checkpoint, the test part's line, pictures, and at last config.json.
  void finish(const nn::DataSet& test);

 private:
  using Clock = std::chrono::steady_clock;

  void stands_at(int layer, const nn::TrainState& state);
  void save(const Checkpoint& checkpoint);
  void sync();

  internal::NewFolder& folder_;
  Run& run_;
  SaveEvery every_;
  internal::AppendFile metrics_, timing_;
  Clock::time_point saved_ = Clock::now();
  std::optional<Checkpoint> last_;  // of a training that ends
};

// What a run folder begins with, and ends with.
void write_config(const std::string& folder, const RunConfig& config);

}  // namespace hourglass::tools

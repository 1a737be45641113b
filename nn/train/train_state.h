#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "nn/train/report.h"
#include "tensor/files/safetensors.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// Where a training stands: all that it takes, beside the data, to go on with the same bits. A value:
// it stays as it is while the training that gave it goes on (TrainCallbacks::checkpoint).
struct TrainState {
  // The numbers of everything that training changes, after so many updates.
  struct Snapshot {
    std::int64_t updates = 0;
    std::vector<Tensor> tensors;
  };

  std::vector<std::string> names;  // of a snapshot's tensors: "step", "encoder.0.weight", ...
  std::int64_t batches = 0;        // in an epoch
  int epochs = 0;                  // that have ended
  Snapshot now;
  Snapshot before;  // as the epoch of the last update began: a divergence goes back to it
  Snapshot best;    // of the best epoch, where that is to be kept; else without tensors
  int best_epoch = 0;
  double best_value = std::numeric_limits<double>::infinity();
  std::vector<int> plateaus;  // the epochs after which a plateau's rate fell
  // Of the epoch that has begun: sums over the examples of its steps. No epoch has where `now` is of
  // `epochs` times `batches` updates.
  EpochReport sums;
  std::int64_t examples = 0;

  bool in_epoch() const { return now.updates != epochs * batches; }
};

// As the tensors and metadata of a file, which may hold more beside them, and back: bit by bit.
// Throws Error naming what is missing or wrong.
Safetensors to_safetensors(const TrainState& state);
TrainState train_state_from(const Safetensors& file);

// The same as a file of its own: a training goes on from it another day. Written beside and renamed,
// and on the disk before that: a file of this name is a whole one. Throws FileError.
void save_train_state(const std::string& path, const TrainState& state);
TrainState load_train_state(const std::string& path);

}  // namespace hourglass::nn

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nn/layers/visit.h"
#include "nn/train/train_state.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

inline constexpr const char* kCheckpointFile = "checkpoint.safetensors";

// Where a run stands, in one file: training goes on from it as if it had never been stopped.
struct Checkpoint {
  int layer = 0;  // of pretraining, from 1; 0: the whole model is trained
  nn::TrainState state;
  std::vector<NamedTensor> beside;        // the model's parameters that training does not change
  std::uint64_t metrics = 0, timing = 0;  // how many bytes of the two journals belong to it
};

// The model's parameters that a checkpoint holds beside the state: while a layer learns the others,
// later what no training changes.
std::vector<nn::NamedParameter> parameters_beside(ae::Autoencoder& model, int layer);

// Written beside and renamed, on the disk by then, with what must not change of the config's run
// where it goes on: model, data, spec and training, but for how long.
void write_checkpoint(const std::string& folder, const Checkpoint& checkpoint,
                      const RunConfig& config);
bool has_checkpoint(const std::string& folder);
// Throws FileError, naming what differs, where it is of another run than this config's, and where
// it is not whole.
Checkpoint read_checkpoint(std::string_view who, const std::string& folder,
                           const RunConfig& config);

}  // namespace hourglass::tools

#pragma once

#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "autograd/compile/program.h"
#include "nn/data/split.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// Reconstructions of the same few images as a training goes on, a file of its run,
// reconstructions.jsonl: the first line is {"originals": picture}, each other {"epoch", "picture"}.
// Equal trainings leave equal bytes. It has all of the first 32 epochs, every second up to 64, every
// fourth up to 128 and so on, and the last.
class ReconstructionsByEpoch {
 public:
  // The first images held out, or learnt from; of what is no image nothing is written. The model's
  // parameters are shared.
  ReconstructionsByEpoch(const std::string& folder, const ae::Autoencoder& model,
                         const nn::DataParts& data, int epochs);

  // The model as it is. What a file that is there has of this epoch and of later ones is dropped.
  // Throws FileError where it cannot be written.
  void add(int epoch);
  void stop() { examples_.clear(); }  // what follows is not added

 private:
  std::string begin(int epoch) const;

  std::string path_, text_;
  std::vector<Tensor> examples_;  // none: they are no images
  Shape shape_;
  int epochs_;
  ProgramByShape program_;
};

// What such a file of a run folder holds, {"originals", "epochs"}, or null where there is none.
Json reconstructions_by_epoch(const char* who, const std::string& folder);

}  // namespace hourglass::tools

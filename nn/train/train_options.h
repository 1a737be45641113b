#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "autograd/graph/var.h"
#include "nn/train/optimizers.h"
#include "nn/train/schedule.h"

namespace hourglass::nn {

struct TrainOptions {
  int epochs = 10;
  std::optional<std::int64_t> batch = {};  // rows a step, of data that is given as a whole: see
                                           // batch_size
  double learning_rate = 1e-3;
  ScheduleOptions schedule = {};
  OptimizerOptions optimizer = {};
  // The gradient of each player is scaled down to this length where it is longer; 0: it is not.
  double clip_norm = 0;
  // The decay of the parameters' moving averages (WeightAverages), which are what is judged, looked
  // at and left in the parameters; 0: there are none.
  double average = 0;
  std::uint64_t seed = 0;  // of the order of examples and of the noise in the graph
  int threads = 0;         // 0: all cores
  // Both need TrainCallbacks::judge. The parameters of the epoch that was judged best are kept, not
  // the last ones; with a patience, training ends after that many epochs in a row without a better
  // one (0: it goes on).
  bool keep_best = false;
  int patience = 0;
};
// Throws Error, naming the option, where what is above 0 is 0 in the dtype of a parameter, so that
// nothing would be learnt, or what is below 1 is 1.
void check_in(DType dtype, const TrainOptions& options);

// Throws Error, naming the largest weights, unless what training keeps fits in the memory that the
// machine has left: the weights themselves where they are not made yet (inputs stand for them, see
// ae::measured_parameters), the optimiser's state, the snapshots and the largest gradient. train()
// asks this; a program may ask it ahead of all work. What a step needs besides is refused by
// compile.
void check_training_memory(const std::vector<Var>& parameters, const TrainOptions& options);

}  // namespace hourglass::nn

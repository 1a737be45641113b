#pragma once

#include <cstdint>
#include <vector>

#include "tensor/enum_names.h"

namespace hourglass::nn {

// How the learning rate changes while training goes on.
enum class Schedule : std::uint8_t {
  kConstant,
  kCosine,  // half a cosine from learning_rate to 0, which the step after the last would have: of
            // four steps 1, 0.854, 0.5, 0.146 of it; begun anew after each of the restarts
            // (Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017)
  kStep,    // times decay after every decay_epochs epochs
  kPlateau  // times decay whenever decay_epochs epochs in a row were not judged better than the
            // best
};
const EnumNames<Schedule>& names_of(Schedule);  // "constant", "cosine", "step", "plateau"
using hourglass::name_of;

struct ScheduleOptions {
  Schedule kind = Schedule::kConstant;
  double decay = 0.1;                       // above 0 and at most 1
  int decay_epochs = 10;                    // at least 1
  std::vector<std::int64_t> restarts = {};  // epochs, ascending, after which a cosine begins anew
  std::int64_t warm_up = 0;  // steps in which the rate first rises from 1 / warm_up of itself
};

// Where a training stands: after so many updates.
struct TrainingPlace {
  std::int64_t updates = 0;
  std::int64_t steps_per_epoch = 1;
  int epochs = 1;
  int plateaus = 0;  // that were met so far
};

// What the learning rate is multiplied by there.
double rate_factor(const ScheduleOptions& options, const TrainingPlace& place);

}  // namespace hourglass::nn

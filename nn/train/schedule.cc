#include "nn/train/schedule.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace hourglass::nn {
namespace {

double after_warm_up(const ScheduleOptions& options, const TrainingPlace& place) {
  switch (options.kind) {
    case Schedule::kCosine: {
      const double steps = static_cast<double>(place.steps_per_epoch * place.epochs);
      const double done = static_cast<double>(place.updates) / steps;
      return 0.5 * (1 + std::cos(std::numbers::pi * done));
    }
    case Schedule::kStep: {
      const std::int64_t times = place.updates / place.steps_per_epoch / options.decay_epochs;
      return std::pow(options.decay, static_cast<double>(times));
    }
    case Schedule::kPlateau:
      return std::pow(options.decay, place.plateaus);
    case Schedule::kConstant:
      break;
  }
  return 1;
}

}  // namespace

const EnumNames<Schedule>& names_of(Schedule) {
  static const EnumNames<Schedule> names = {"schedule",
                                            {{"constant", Schedule::kConstant},
                                             {"cosine", Schedule::kCosine},
                                             {"step", Schedule::kStep},
                                             {"plateau", Schedule::kPlateau}}};
  return names;
}

void check(const ScheduleOptions& options) {
  if (!(options.decay > 0 && options.decay <= 1)) {
    throw Error(fmt::format("decay: must be above 0 and at most 1: got {}", options.decay));
  }
  if (options.decay_epochs < 1) {
    throw Error(fmt::format("decay-epochs: must be at least 1: got {}", options.decay_epochs));
  }
  if (options.warm_up < 0) {
    throw Error(fmt::format("lr-warm-up: must be at least 0: got {}", options.warm_up));
  }
}

double rate_factor(const ScheduleOptions& options, const TrainingPlace& place) {
  const double factor = after_warm_up(options, place);
  if (place.updates >= options.warm_up) return factor;
  return factor * static_cast<double>(place.updates + 1) / static_cast<double>(options.warm_up);
}

}  // namespace hourglass::nn

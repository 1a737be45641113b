#include "nn/train/schedule.h"

#include <cmath>
#include <numbers>

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

double rate_factor(const ScheduleOptions& options, const TrainingPlace& place) {
  const double factor = after_warm_up(options, place);
  if (place.updates >= options.warm_up) return factor;
  return factor * static_cast<double>(place.updates + 1) / static_cast<double>(options.warm_up);
}

}  // namespace hourglass::nn

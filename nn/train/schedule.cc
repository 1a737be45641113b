#include "nn/train/schedule.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace hourglass::nn {
namespace {

// The epochs that the cosine is laid over where training stands.
std::pair<std::int64_t, std::int64_t> span_of(const ScheduleOptions& options,
                                              const TrainingPlace& place) {
  std::pair<std::int64_t, std::int64_t> span = {0, place.epochs};
  for (const std::int64_t restart : options.restarts) {
    if (restart * place.steps_per_epoch > place.updates) return {span.first, restart};
    span.first = restart;
  }
  return span;
}

double after_warm_up(const ScheduleOptions& options, const TrainingPlace& place) {
  switch (options.kind) {
    case Schedule::kCosine: {
      const auto [begin, end] = span_of(options, place);
      const double steps = static_cast<double>(place.steps_per_epoch * (end - begin));
      const double done = static_cast<double>(place.updates - begin * place.steps_per_epoch);
      return 0.5 * (1 + std::cos(std::numbers::pi * (done / steps)));
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

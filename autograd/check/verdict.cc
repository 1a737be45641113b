#include "autograd/check/verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace hourglass::check {
namespace {

using Steps = std::vector<StepError>;

// The longest run of steps whose differences agree with each other much better than with the
// graph's derivative.
std::pair<std::size_t, std::size_t> plateau(const Steps& steps, double analytic) {
  std::pair<std::size_t, std::size_t> best = {0, 0};
  for (std::size_t first = 0; first < steps.size(); ++first) {
    double low = steps[first].numeric;
    double high = low;
    double apart = std::abs(low - analytic);
    for (std::size_t last = first; last < steps.size(); ++last) {
      low = std::min(low, steps[last].numeric);
      high = std::max(high, steps[last].numeric);
      apart = std::min(apart, std::abs(steps[last].numeric - analytic));
      if (!(high - low <= apart / 4)) break;
      if (last - first > best.second - best.first) best = {first, last};
    }
  }
  return best;
}

// Is the graph's derivative that of the function close by, and another function beyond? Steps
// smaller than those of the plateau then agree with the graph, as with a wrong derivative none
// does.
bool kink_close_by(const Steps& steps, std::size_t first, std::size_t last) {
  const double apart = steps[(first + last) / 2].error;
  const auto end = steps.begin() + static_cast<std::ptrdiff_t>(first);
  return std::count_if(steps.begin(), end,
                       [&](const StepError& step) { return step.error < apart / 30; }) >= 2;
}

std::string sides(const Steps& steps, std::size_t best) {
  const double floor = steps[best].error;
  const bool left = best > 0 && steps.front().error > 10 * floor;
  const bool right = best + 1 < steps.size() && steps.back().error > 10 * floor;
  if (left && right) return "; it rises to the left by rounding and to the right by truncation";
  if (left) return "; it rises to the left by rounding";
  if (right) return "; it rises to the right by truncation";
  return "";
}

}  // namespace

void judge(CheckFinding& f) {
  const auto conclude = [&f](CheckOutcome outcome, std::string verdict) {
    f.outcome = outcome;
    f.verdict = std::move(verdict);
  };
  if (!std::isfinite(f.analytic)) {
    return conclude(CheckOutcome::kNotFinite,
                    "not finite: the graph's derivative is inf or NaN here");
  }
  const auto smallest =
      std::min_element(f.steps.begin(), f.steps.end(),
                       [](const StepError& a, const StepError& b) { return a.error < b.error; });
  if (!std::isfinite(smallest->error)) {
    return conclude(CheckOutcome::kNotFinite, "not finite: the function is inf or NaN around here");
  }
  const auto best = static_cast<std::size_t>(smallest - f.steps.begin());
  const std::string falls = fmt::format("the error falls to {:.0e} at a step of {:.0e}{}",
                                        smallest->error, smallest->step, sides(f.steps, best));
  if (smallest->error <= f.tolerance) return conclude(CheckOutcome::kAgrees, "agrees: " + falls);
  const auto [first, last] = plateau(f.steps, f.analytic);
  if (last - first >= 2 && kink_close_by(f.steps, first, last)) {
    return conclude(CheckOutcome::kUndecided,
                    fmt::format("undecided: a kink lies close by: {}, and beyond the kink it stays "
                                "at {:.1e}: check at another point",
                                falls, f.steps[(first + last) / 2].error));
  }
  if (last - first >= 2) {  // two decades in which the step does not matter
    return conclude(CheckOutcome::kWrong, fmt::format("wrong derivative: the error stays at {:.1e} "
                                                      "for steps from {:.0e} to {:.0e}, a plateau",
                                                      f.steps[(first + last) / 2].error,
                                                      f.steps[first].step, f.steps[last].step));
  }
  conclude(CheckOutcome::kUndecided,
           "undecided: no plateau, " + falls +
               ": the function is too rough or too large here for this tolerance");
}

}  // namespace hourglass::check

#include "autograd/check/differences.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass::check {

double error_of(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<double>::infinity();
  return std::abs(a - b) / std::max({1.0, std::abs(a), std::abs(b)});
}

Surface::Surface(const Var& scalar, const std::vector<Var>& variables,
                 const std::vector<Var>& inputs, const std::vector<Tensor>& point)
    : program_(compile({scalar}, {.inputs = inputs})), point_(point) {
  for (const Tensor& x : point) moved_.push_back(x.clone());
  for (const Var& variable : variables) {
    const auto found =
        std::find_if(inputs.begin(), inputs.end(), [&](const Var& x) { return x.same(variable); });
    varied_.push_back(static_cast<std::size_t>(found - inputs.begin()));
    first_.push_back(elements_);
    elements_ += variable.elements();
  }
}

std::size_t Surface::variable_of(std::int64_t element) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), element);
  return static_cast<std::size_t>(after - first_.begin()) - 1;
}

double Surface::scale(std::int64_t element) const {
  const std::size_t v = variable_of(element);
  return std::max(1.0, std::abs(point_[varied_[v]].at(element - first_[v])));
}

double Surface::at(const std::vector<double>& direction, double t) {
  for (std::size_t v = 0; v < varied_.size(); ++v) {
    const Tensor& from = point_[varied_[v]];
    Tensor& to = moved_[varied_[v]];
    const double* d = direction.data() + first_[v];
    for (std::int64_t i = 0; i < from.elements(); ++i) {
      to.data<double>()[i] = from.data<double>()[i] + t * d[i];
    }
  }
  return program_.run(moved_)[0].item();
}

double slope(Surface& surface, const std::vector<double>& direction, double h) {
  const auto central = [&](double step) {
    return (surface.at(direction, step) - surface.at(direction, -step)) / (2 * step);
  };
  return (4 * central(h / 2) - central(h)) / 3;
}

namespace {

// Forward differences with steps h, h / 2 and h / 4, extrapolated.
double slope_ahead(Surface& surface, const std::vector<double>& direction, double h) {
  const double here = surface.at(direction, 0);
  const auto forward = [&](double step) { return (surface.at(direction, step) - here) / step; };
  return (8 * forward(h / 4) - 6 * forward(h / 2) + forward(h)) / 3;
}

// The slope where neighbouring steps agree best; `noise` is how many units in the last place of the
// value a slope's error is, over its step.
template <class F>
double best_of_steps(F&& slope_with, double first_step, double value, double noise) {
  constexpr int kSteps = 13;
  constexpr double kRatio = 4;
  constexpr double kLargest = 64;  // a sum of many terms has its best step far above the first
  const double rounding = noise * std::numeric_limits<double>::epsilon() * std::abs(value);
  double step = first_step * kLargest;
  double before = slope_with(step);
  double best = before;
  double smallest = std::numeric_limits<double>::infinity();
  for (int i = 1; i < kSteps; ++i) {
    step /= kRatio;
    const double now = slope_with(step);
    const double doubt = std::abs(now - before) + rounding / step;
    if (doubt < smallest) {
      smallest = doubt;
      best = now;
    }
    before = now;
  }
  return best;
}

}  // namespace

double best_slope(Surface& surface, const std::vector<double>& direction, double first_step) {
  return best_of_steps([&](double h) { return slope(surface, direction, h); }, first_step,
                       surface.at(direction, 0), 8);
}

double best_slope_ahead(Surface& surface, const std::vector<double>& direction, double first_step) {
  return best_of_steps([&](double h) { return slope_ahead(surface, direction, h); }, first_step,
                       surface.at(direction, 0), 32);
}

constexpr double kSmallestGap = 1e-10;

OneSided one_sided(Surface& surface, const std::vector<double>& direction, double unit) {
  // The two sides of a smooth function come together as fast as the step shrinks. A gap that no
  // tolerance would see is none: where terms cancel, rounding is larger than the value tells.
  const double here = surface.at(direction, 0);
  const auto sides = [&](double h) {
    return OneSided{false, (here - surface.at(direction, -h)) / h,
                    (surface.at(direction, h) - here) / h};
  };
  const double step = 1e-5 * unit;
  const OneSided wide = sides(step);
  OneSided narrow = sides(step / 4);
  const double gap = std::abs(narrow.right - narrow.left);
  const double rounding =
      16 * std::numeric_limits<double>::epsilon() * std::max(std::abs(here), 1e-300) / step;
  narrow.kink =
      gap > 0.5 * std::abs(wide.right - wide.left) && gap > 1000 * rounding && gap > kSmallestGap;
  return narrow;
}

}  // namespace hourglass::check

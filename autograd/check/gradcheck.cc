#include "autograd/check/gradcheck.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/check/differences.h"
#include "autograd/check/problem.h"
#include "autograd/check/random.h"
#include "autograd/check/verdict.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {
namespace check {
namespace {

using Numbers = std::vector<double>;

// A derivative of one order: a scalar, its graph's gradient at the point, and directions to compare
// them along.
class Comparison {
 public:
  Comparison(const Problem& problem, const Var& scalar, const std::vector<Var>& gradient,
             const CheckOptions& options, double tolerance)
      : problem_(problem),
        options_(options),
        tolerance_(tolerance),
        surface_(scalar, problem.variables, problem.inputs, problem.point) {
    for (const Tensor& g : evaluate(gradient, problem.feeds())) {
      const Numbers values = g.values();
      analytic_.insert(analytic_.end(), values.begin(), values.end());
    }
  }

  std::int64_t elements() const { return surface_.elements(); }

  void try_element(std::int64_t element) { compare(unit(element), element); }

  void try_direction(Random& random) {
    Numbers direction = random.signs(Shape{elements()}).values();
    for (std::int64_t i = 0; i < elements(); ++i) at(direction, i) *= surface_.scale(i);
    compare(std::move(direction), -1);
  }

  // What is wrong comes before what cannot be checked.
  CheckFinding finding() {
    const bool compared = worst_.error >= 0 || std::isnan(worst_.error);
    if (compared && !(worst_.error <= tolerance_) && worst_.element < 0) narrow_down();
    const bool agrees = !compared || worst_.error <= tolerance_;
    const auto open = std::find_if(kinks_.begin(), kinks_.end(),
                                   [&](const Kink& kink) { return !one_sided_agrees(kink); });
    if (agrees && open != kinks_.end()) return kink_finding(*open);
    if (agrees && !compared && !kinks_.empty()) return kink_finding(kinks_.front());
    CheckFinding f = worst_finding();
    if (f.passed && !kinks_.empty()) {
      f.kinks = static_cast<std::int64_t>(kinks_.size());
      f.verdict += "; at a kink, one-sided: " + one_sided_text(kinks_.front());
    }
    if (f.passed && kinks_.size() >= kMostKinks) {
      f.passed = false;
      f.outcome = CheckOutcome::kUndecided;
      f.verdict = "undecided: too many elements lie on kinks to compare the others";
    }
    return f;
  }

  // The graph's derivative is 0 everywhere.
  bool is_zero() const {
    return std::all_of(analytic_.begin(), analytic_.end(), [](double a) { return a == 0; });
  }

 private:
  struct Worst {
    Numbers direction;
    std::int64_t element = -1;
    double analytic = 0, numeric = 0, error = -1;
  };
  struct Kink {
    std::int64_t element = -1;
    Numbers direction;
    double analytic = 0, left = 0, right = 0;
  };
  static constexpr std::size_t kMostKinks = 64;

  CheckFinding worst_finding() {
    CheckFinding f;
    f.passed = worst_.error <= tolerance_;
    f.analytic = worst_.analytic;
    f.numeric = worst_.numeric;
    f.error = worst_.error;
    f.tolerance = tolerance_;
    place(f, worst_.element);
    tabulate(f, worst_.direction, worst_.element);
    judge(f);
    return f;
  }

  void place(CheckFinding& f, std::int64_t element) const {
    if (element < 0) return;
    const std::size_t v = surface_.variable_of(element);
    f.variable = problem_.names[v];
    f.shape = problem_.variables[v].shape();
    f.index = element - surface_.first_of(v);
  }

  bool one_sided_agrees(const Kink& kink) const {
    return std::min(error_of(kink.analytic, kink.left), error_of(kink.analytic, kink.right)) <=
           tolerance_;
  }

  std::string one_sided_text(const Kink& kink) const {
    const bool left = error_of(kink.analytic, kink.left) <= error_of(kink.analytic, kink.right);
    return fmt::format("the graph's {:.9g} is the slope to the {}, to the {} it is {:.9g}",
                       kink.analytic, left ? "left" : "right", left ? "right" : "left",
                       left ? kink.right : kink.left);
  }

  CheckFinding kink_finding(const Kink& kink) {
    CheckFinding f;
    f.analytic = kink.analytic;
    f.tolerance = tolerance_;
    place(f, kink.element);
    tabulate(f, kink.direction, kink.element);
    f.kinks = static_cast<std::int64_t>(kinks_.size());
    f.passed = one_sided_agrees(kink);
    if (f.passed) {
      const double left = error_of(kink.analytic, kink.left);
      f.error = std::min(left, error_of(kink.analytic, kink.right));
      f.numeric = f.error == left ? kink.left : kink.right;
      f.verdict = "agrees at a kink, one-sided: " + one_sided_text(kink);
      return f;
    }
    f.numeric = (kink.left + kink.right) / 2;
    f.error = error_of(f.analytic, f.numeric);
    f.outcome = CheckOutcome::kKink;
    const double slack = tolerance_ * std::max({1.0, std::abs(kink.left), std::abs(kink.right)});
    const bool between = f.analytic >= std::min(kink.left, kink.right) - slack &&
                         f.analytic <= std::max(kink.left, kink.right) + slack;
    f.verdict = fmt::format(
        "not differentiable here: the slope is {:.9g} to the left and {:.9g} to the right; the "
        "graph's {:.9g} {}",
        kink.left, kink.right, kink.analytic,
        between ? "is one of them or lies between" : "lies outside of both: suspicious");
    return f;
  }

  static double& at(Numbers& numbers, std::int64_t i) {
    return numbers[static_cast<std::size_t>(i)];
  }

  Numbers unit(std::int64_t element) const {
    Numbers direction(static_cast<std::size_t>(elements()), 0.0);
    at(direction, element) = surface_.scale(element);
    return direction;
  }

  // A step along a direction moves each number by it, so that all together move by as much as one
  // number alone would.
  double length(const Numbers& direction) const {
    const auto zeros = std::count(direction.begin(), direction.end(), 0.0);
    const auto moved = static_cast<std::ptrdiff_t>(direction.size()) - zeros;
    return 1 / std::sqrt(static_cast<double>(std::max<std::ptrdiff_t>(moved, 1)));
  }

  double analytic_along(const Numbers& direction) const {
    double sum = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) {
      if (direction[i] != 0) sum += analytic_[i] * direction[i];
    }
    return sum;
  }

  Worst measure(Numbers direction, std::int64_t element) {
    // A derivative in units of the number itself, not of its scale.
    const double per = element >= 0 ? surface_.scale(element) : 1;
    const double step = options_.step * length(direction);
    Worst w;
    w.analytic = analytic_along(direction) / per;
    w.numeric = slope(surface_, direction, step) / per;
    w.error = error_of(w.analytic, w.numeric);
    if (!(w.error <= tolerance_)) {
      w.numeric = best_slope(surface_, direction, step) / per;
      w.error = error_of(w.analytic, w.numeric);
    }
    w.direction = std::move(direction);
    w.element = element;
    return w;
  }

  // A difference across a kink says nothing: elements that lie on one, or so close to one that only
  // the slopes of one side tell, are set aside, and what else the direction moves is compared
  // without them.
  void compare(Numbers direction, std::int64_t element) {
    for (const Kink& kink : kinks_) {
      if (kink.element == element) return;
      if (kink.element >= 0) at(direction, kink.element) = 0;
    }
    while (kinks_.size() < kMostKinks) {
      const bool kink = one_sided(surface_, direction, length(direction)).kink;
      Worst w;
      if (!kink) {
        w = measure(direction, element);
        if (w.error <= tolerance_ || !std::isfinite(w.analytic)) return keep_worst(std::move(w));
      }
      const std::int64_t found = element >= 0 ? element
                                 : kink       ? kink_within(direction)
                                              : worst_within(direction);
      Kink set_aside = kink_at(found >= 0 ? unit(found) : direction, found);
      if (!kink && !one_sided_agrees(set_aside)) return keep_worst(std::move(w));
      kinks_.push_back(std::move(set_aside));
      if (found < 0 || element >= 0) return;
      at(direction, found) = 0;
    }
  }

  void keep_worst(Worst w) {
    if (!(w.error <= worst_.error)) worst_ = std::move(w);
  }

  Kink kink_at(Numbers direction, std::int64_t element) {
    const double per = element >= 0 ? surface_.scale(element) : 1;
    const double step = options_.step * length(direction);
    Numbers back = direction;
    for (double& d : back) d = -d;
    Kink kink{element, {}, analytic_along(direction) / per, 0, 0};
    kink.left = -best_slope_ahead(surface_, back, step) / per;
    kink.right = best_slope_ahead(surface_, direction, step) / per;
    kink.direction = std::move(direction);
    return kink;
  }

  // An element that lies on a kink, of those that the direction moves; -1 where only several
  // together do.
  std::int64_t kink_within(const Numbers& whole) {
    std::int64_t first = 0;
    std::int64_t last = elements();
    while (last - first > 1) {
      const std::int64_t middle = first + (last - first) / 2;
      const auto has_kink = [&](std::int64_t from, std::int64_t to) {
        Numbers direction(whole.size(), 0.0);
        std::copy(whole.begin() + from, whole.begin() + to, direction.begin() + from);
        return one_sided(surface_, direction, length(direction)).kink;
      };
      if (has_kink(first, middle)) {
        last = middle;
      } else if (has_kink(middle, last)) {
        first = middle;
      } else {
        return -1;
      }
    }
    return first;
  }

  // From a direction that fails to an element that does: the half with the larger error, again and
  // again; -1 where both halves agree.
  std::int64_t worst_within(const Numbers& whole) {
    std::int64_t first = 0;
    std::int64_t last = elements();
    while (last - first > 1) {
      const std::int64_t middle = first + (last - first) / 2;
      const auto part = [&](std::int64_t from, std::int64_t to) {
        Numbers direction(whole.size(), 0.0);
        std::copy(whole.begin() + from, whole.begin() + to, direction.begin() + from);
        return measure(std::move(direction), -1);
      };
      const Worst left = part(first, middle);
      const Worst right = part(middle, last);
      if (left.error <= tolerance_ && right.error <= tolerance_) return -1;
      (left.error >= right.error ? last : first) = middle;
    }
    return first;
  }

  void narrow_down() {
    const std::int64_t element = worst_within(worst_.direction);
    if (element < 0) return;
    const Worst found = measure(unit(element), element);
    if (!(found.error <= tolerance_)) worst_ = found;
  }

  void tabulate(CheckFinding& f, const Numbers& direction, std::int64_t element) {
    const double per = element >= 0 ? surface_.scale(element) : 1;
    const double unit_step = length(direction);
    for (int exponent = -10; exponent <= -1; ++exponent) {
      const double step = std::pow(10.0, exponent);
      const double numeric = slope(surface_, direction, step * unit_step) / per;
      f.steps.push_back({step, numeric, error_of(f.analytic, numeric)});
    }
  }

  const Problem& problem_;
  const CheckOptions& options_;
  double tolerance_;
  Surface surface_;
  Numbers analytic_;
  Worst worst_;
  std::vector<Kink> kinks_;
};

CheckFinding check_order(const Problem& problem, int order, const Var& scalar,
                         const std::vector<Var>& gradient, const CheckOptions& options,
                         const std::vector<Var>& stops, CheckReport& report) {
  const Var held_scalar = held_at(problem, scalar, stops);
  const double tolerance = order == 1 ? options.tolerance : options.second_tolerance;
  Comparison comparison(problem, held_scalar, gradient, options, tolerance);
  Random random(options.seed + static_cast<std::uint64_t>(order));
  if (comparison.elements() <= options.max_elements) {
    for (std::int64_t i = 0; i < comparison.elements(); ++i) comparison.try_element(i);
    report.elements = comparison.elements();
  } else {
    for (int i = 0; i < options.directions; ++i) comparison.try_direction(random);
    report.directions = options.directions;
    report.elements = 0;
    std::int64_t first = 0;
    for (const Var& variable : problem.variables) {
      const std::int64_t n = variable.elements();
      for (int i = 0; i < std::min<std::int64_t>(options.samples, n); ++i) {
        comparison.try_element(first + random.below(n));
        ++report.elements;
      }
      first += n;
    }
  }
  CheckFinding finding = comparison.finding();
  finding.order = order;
  if (order == 1 && finding.passed && comparison.is_zero()) {
    finding.passed = false;
    finding.outcome = CheckOutcome::kUndecided;
    finding.verdict = "undecided: the derivative is 0 everywhere here, which tests nothing";
  }
  return finding;
}

Var weighted(const Var& y, Random& random) {
  const Var wide = cast(y, DType::kF64);
  return y.rank() == 0 ? wide : sum(wide * constant(random.weights(y.shape())));
}

}  // namespace

CheckReport run(const Problem& problem, int orders, const CheckOptions& options, bool blame) {
  std::int64_t elements = 0;
  for (const Var& variable : problem.variables) elements += variable.elements();
  if (elements == 0) throw Error("gradcheck: there is nothing to vary: no real input has elements");
  Random random(options.seed);
  CheckReport report;
  const std::vector<Var> stops = stops_of(problem);
  report.held = static_cast<int>(stops.size());
  Var scalar = weighted(problem.y, random);
  for (int order = 1; order <= orders; ++order) {
    const std::vector<Var> gradient = grad(scalar, problem.variables);
    CheckFinding finding = check_order(problem, order, scalar, gradient, options, stops, report);
    const bool at_fault =
        finding.outcome == CheckOutcome::kWrong || finding.outcome == CheckOutcome::kNotFinite;
    if (at_fault && blame) {
      finding.suspects = suspects(problem, scalar, order, options);
    }
    report.findings.push_back(finding);
    if (!finding.passed) return report;
    Var next;
    for (const Var& g : gradient) {
      const Var part = weighted(g, random);
      next = next.defined() ? next + part : part;
    }
    scalar = next;
  }
  report.passed = true;
  return report;
}

}  // namespace check

CheckReport gradcheck(const Function& f, const std::vector<Tensor>& inputs,
                      const CheckOptions& options) {
  return check::run(check::problem_of(f, inputs), 1, options, true);
}

CheckReport gradgradcheck(const Function& f, const std::vector<Tensor>& inputs,
                          const CheckOptions& options) {
  return check::run(check::problem_of(f, inputs), 2, options, true);
}

CheckReport gradcheck(const Var& loss, const std::vector<Var>& variables,
                      const std::vector<Feed>& feeds, const CheckOptions& options) {
  return check::run(check::problem_of(loss, variables, feeds), 1, options, true);
}

CheckReport gradgradcheck(const Var& loss, const std::vector<Var>& variables,
                          const std::vector<Feed>& feeds, const CheckOptions& options) {
  return check::run(check::problem_of(loss, variables, feeds), 2, options, true);
}

}  // namespace hourglass

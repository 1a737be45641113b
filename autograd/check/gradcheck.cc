#include "autograd/check/gradcheck.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/check/columns.h"
#include "autograd/check/differences.h"
#include "autograd/check/problem.h"
#include "autograd/check/sample.h"
#include "autograd/check/verdict.h"
#include "autograd/graph.h"
#include "autograd/op.h"
#include "autograd/ops.h"
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

  CheckFinding finding() {
    if (!(worst_.error <= tolerance_) && worst_.element < 0) narrow_down();
    CheckFinding f;
    f.passed = worst_.error <= tolerance_;
    f.analytic = worst_.analytic;
    f.numeric = worst_.numeric;
    f.error = worst_.error;
    f.tolerance = tolerance_;
    if (worst_.element >= 0) {
      const std::size_t v = surface_.variable_of(worst_.element);
      f.variable = problem_.names[v];
      f.shape = problem_.variables[v].shape();
      f.index = worst_.element - surface_.first_of(v);
    }
    tabulate(f);
    return f;
  }

 private:
  struct Worst {
    Numbers direction;
    std::int64_t element = -1;
    double analytic = 0, numeric = 0, error = -1;
  };

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

  void compare(Numbers direction, std::int64_t element) {
    Worst w = measure(std::move(direction), element);
    if (!(w.error <= worst_.error)) worst_ = std::move(w);
  }

  // From a direction that fails to an element that does: the half with the larger error, again and
  // again.
  void narrow_down() {
    std::int64_t first = 0;
    std::int64_t last = elements();
    const Numbers whole = worst_.direction;
    while (last - first > 1) {
      const std::int64_t middle = first + (last - first) / 2;
      const auto part = [&](std::int64_t from, std::int64_t to) {
        Numbers direction(whole.size(), 0.0);
        std::copy(whole.begin() + from, whole.begin() + to, direction.begin() + from);
        return measure(std::move(direction), -1);
      };
      const Worst left = part(first, middle);
      const Worst right = part(middle, last);
      if (left.error <= tolerance_ && right.error <= tolerance_) return;
      (left.error >= right.error ? last : first) = middle;
    }
    const Worst found = measure(unit(first), first);
    if (!(found.error <= tolerance_)) worst_ = found;
  }

  void tabulate(CheckFinding& f) {
    const double per = worst_.element >= 0 ? surface_.scale(worst_.element) : 1;
    const double unit_step = length(worst_.direction);
    for (int exponent = -10; exponent <= -1; ++exponent) {
      const double step = std::pow(10.0, exponent);
      const double numeric = slope(surface_, worst_.direction, step * unit_step) / per;
      f.steps.push_back({step, numeric, error_of(worst_.analytic, numeric)});
    }
    judge(f);
    if (f.passed) return;
    const OneSided sides = one_sided(surface_, worst_.direction, unit_step);
    if (!sides.kink) return;
    f.outcome = CheckOutcome::kKink;
    f.verdict = fmt::format("kink: the point lies on one: {:.9g} to the left, {:.9g} to the right",
                            sides.left / per, sides.right / per);
  }

  const Problem& problem_;
  const CheckOptions& options_;
  double tolerance_;
  Surface surface_;
  Numbers analytic_;
  Worst worst_;
};

// The graph with its stop_gradient nodes at their values at the point: a difference must not see
// through them when the derivative does not.
Var held_at(const Problem& problem, const Var& scalar, int& held) {
  const std::vector<Var> order = ancestors({scalar});
  const std::vector<bool> moves = depends_on(order, problem.variables);
  std::vector<Var> stops, values;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (moves[i] && order[i].op().name == "stop_gradient") stops.push_back(order[i]);
  }
  held = static_cast<int>(stops.size());
  for (const Tensor& value : evaluate(stops, problem.feeds())) values.push_back(constant(value));
  return substitute(scalar, stops, values);
}

CheckFinding check_order(const Problem& problem, int order, const Var& scalar,
                         const std::vector<Var>& gradient, const CheckOptions& options,
                         CheckReport& report) {
  int held = 0;
  const Var held_scalar = held_at(problem, scalar, held);
  report.held = std::max(report.held, held);
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
  return finding;
}

Var weighted(const Var& y, Random& random) {
  const Var wide = cast(y, DType::kF64);
  return y.rank() == 0 ? wide : sum(wide * constant(random.weights(y.shape())));
}

}  // namespace

std::vector<Feed> Problem::feeds() const {
  std::vector<Feed> result;
  for (std::size_t i = 0; i < inputs.size(); ++i) result.push_back({inputs[i], point[i]});
  return result;
}

CheckReport run(const Problem& problem, int orders, const CheckOptions& options, bool blame) {
  std::int64_t elements = 0;
  for (const Var& variable : problem.variables) elements += variable.elements();
  if (elements == 0) throw Error("gradcheck: there is nothing to vary: no real input has elements");
  Random random(options.seed);
  CheckReport report;
  Var scalar = weighted(problem.y, random);
  for (int order = 1; order <= orders; ++order) {
    const std::vector<Var> gradient = grad(scalar, problem.variables);
    CheckFinding finding = check_order(problem, order, scalar, gradient, options, report);
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

namespace {

Problem problem_of(const Function& f, const std::vector<Tensor>& inputs) {
  Problem p;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool real = is_real(inputs[i].dtype());
    p.point.push_back(real ? inputs[i].cast(DType::kF64) : inputs[i]);
    p.inputs.push_back(input(inputs[i].shape(), p.point[i].dtype()));
    if (!real) continue;
    p.variables.push_back(p.inputs[i]);
    p.names.push_back(fmt::format("input {}", i));
  }
  p.y = f(p.inputs);
  if (!p.y.defined()) throw Error("gradcheck: the function gave an empty Var");
  return p;
}

Problem problem_of(const Var& loss, const std::vector<Var>& variables,
                   const std::vector<Feed>& feeds) {
  std::vector<Var> all = {loss};
  all.insert(all.end(), variables.begin(), variables.end());
  for (const Feed& feed : feeds) all.push_back(feed.input);
  const std::vector<Var> lifted = cast_graph(all, DType::kF64);
  const auto first_feed = lifted.end() - static_cast<std::ptrdiff_t>(feeds.size());
  std::vector<Feed> lifted_feeds;
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    const Tensor& value = feeds[i].value;
    lifted_feeds.push_back({first_feed[static_cast<std::ptrdiff_t>(i)],
                            is_real(value.dtype()) ? value.cast(DType::kF64) : value});
  }
  const std::vector<Var> from(lifted.begin() + 1, first_feed);
  const std::vector<Tensor> point = evaluate(from, lifted_feeds);
  Problem p;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!is_real(from[i].dtype())) {
      throw Error(fmt::format("gradcheck: only f32 and f64 have derivatives: variable {} is {}", i,
                              name_of(from[i].dtype())));
    }
    p.inputs.push_back(input(from[i].shape(), DType::kF64));
    p.point.push_back(point[i]);
    const std::string& label = variables[i].label();
    p.names.push_back(!label.empty()
                          ? label
                          : fmt::format("{} {}", is_leaf(from[i]) ? from[i].op().name : "node", i));
  }
  p.variables = p.inputs;
  p.y = substitute(lifted[0], from, p.inputs);
  for (const Feed& feed : lifted_feeds) {
    if (std::any_of(from.begin(), from.end(), [&](const Var& x) { return x.same(feed.input); })) {
      continue;
    }
    p.inputs.push_back(feed.input);
    p.point.push_back(feed.value);
  }
  return p;
}

}  // namespace
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

#pragma once

// Are the derivatives right? In f64, against finite differences, at any point: of a function, of an
// op of one's own, of a whole model at its trained weights.

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/graph/var.h"
#include "autograd/transform/transform.h"

namespace hourglass {

struct CheckOptions {
  // Error is |a - n| / max(1, |a|, |n|), a from the graph, n from differences.
  double tolerance = 1e-7;
  double second_tolerance = 1e-5;
  // Up to this many elements (of all variables together) are checked one by one; beyond, as many
  // random directions through all variables, and a sample of elements of each.
  std::int64_t max_elements = 64;
  int directions = 32;
  int samples = 2;
  // The first step tried, for numbers of size 1; a step for x is max(1, |x|) times as large.
  double step = 1e-3;
  std::uint64_t seed = 1;
};

// The error at one step size: of the fourth-order difference with that step against the graph's
// derivative.
struct StepError {
  double step = 0, numeric = 0, error = 0;
};

// What the errors by step size say. kUndecided: neither a plateau nor agreement, the function is
// too rough or too large here for the tolerance. kKink: the point lies on a kink, where the two
// one-sided slopes differ, so there is nothing to compare with, even where their mean is what the
// graph says (abs at 0); all other elements agree, or the finding would be about them.
enum class CheckOutcome : std::uint8_t { kAgrees, kWrong, kKink, kNotFinite, kUndecided };

// The worst that was seen of one order of derivatives.
struct CheckFinding {
  int order = 1;
  bool passed = false;
  std::string variable;     // its label, or "input 0", "parameter 3"
  std::int64_t index = -1;  // of the element, row-major; -1: along a direction through all
  Shape shape;              // of the variable
  double analytic = 0, numeric = 0, error = 0, tolerance = 0;
  std::int64_t kinks = 0;        // elements set aside as lying on one, of which this is the first
  std::vector<StepError> steps;  // from small to large
  CheckOutcome outcome = CheckOutcome::kAgrees;
  std::string verdict;                // the same in words
  std::vector<std::string> suspects;  // ops whose own derivative is wrong at these numbers, if any
};

struct CheckReport {
  bool passed = false;
  std::vector<CheckFinding>
      findings;               // one an order; the second is not tried where the first fails
  std::int64_t elements = 0;  // checked one by one
  int directions = 0;
  int held = 0;  // stop_gradient nodes, which were held at their values at the point
};

// A page of text: what was checked, both numbers, the error drawn against the step size, and the
// verdict. A plateau means a wrong derivative; errors that rise to the left are rounding, to the
// right truncation.
std::string to_string(const CheckReport& report);

// Checks the derivatives of f at `inputs`; real inputs are taken as f64, integer inputs are handed
// on and not varied. A result that is not a scalar is summed with random weights, so that every
// element of the Jacobian counts. Random draws keep their numbers, stop_gradient nodes are held.
// A point on a kink does not pass: the report says "not differentiable here", and where. Throws
// Error if there is nothing to check.
CheckReport gradcheck(const Function& f, const std::vector<Tensor>& inputs,
                      const CheckOptions& options = {});
// The first order, and then the derivatives of the gradient.
CheckReport gradgradcheck(const Function& f, const std::vector<Tensor>& inputs,
                          const CheckOptions& options = {});

// The same for a graph that exists, with respect to leaves or inner nodes of it at the numbers that
// they have; the graph is lifted to f64 by cast_graph. Inputs are fed.
CheckReport gradcheck(const Var& loss, const std::vector<Var>& variables,
                      const std::vector<Feed>& feeds = {}, const CheckOptions& options = {});
CheckReport gradgradcheck(const Var& loss, const std::vector<Var>& variables,
                          const std::vector<Feed>& feeds = {}, const CheckOptions& options = {});

// For f linear in its inputs together: <f(x), u> = <x, f'(u)> for random x and u, f' from vjp.
struct AdjointReport {
  bool passed = false;
  double forward = 0, backward = 0, error = 0;  // of the worst pair: <f(x), u>, <x, f'(u)>
  int pairs = 0;
};
std::string to_string(const AdjointReport& report);
// f is called with f64 inputs of these shapes. The error is relative to max(1, |x| |f'(u)|, |f(x)|
// |u|).
AdjointReport adjoint_check(const Function& f, const std::vector<Shape>& shapes, int pairs = 8,
                            double tolerance = 1e-13, std::uint64_t seed = 1);

}  // namespace hourglass

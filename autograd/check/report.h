#pragma once

// What a gradient check is asked, and what it finds.

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/shape.h"

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
// too rough or too large here for the tolerance, or its derivative is 0 everywhere, so that nothing
// was tested. kKink: the point lies on a kink and the graph's derivative is neither of the two
// one-sided slopes, even where it is their mean (abs at 0); all other elements agree, or the finding
// would be about them. A derivative that is the slope of one side agrees, at a kink, one-sided.
enum class CheckOutcome : std::uint8_t { kAgrees, kWrong, kKink, kNotFinite, kUndecided };

// The worst that was seen of one order of derivatives.
struct CheckFinding {
  int order = 1;
  bool passed = false;
  std::string variable;     // its label, or "input 0", "parameter 3"
  std::int64_t index = -1;  // of the element, row-major; -1: along a direction through all
  Shape shape;              // of the variable
  double analytic = 0, numeric = 0, error = 0, tolerance = 0;
  std::int64_t kinks = 0;        // elements that were set aside as lying on one, or next to one
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

// Of a function f and the adjoint f' of its derivative.
struct AdjointReport {
  bool passed = false;
  double forward = 0, backward = 0, error = 0;  // of the worst pair: <f(x), u>, <x, f'(u)>
  int pairs = 0;
};
std::string to_string(const AdjointReport& report);

}  // namespace hourglass

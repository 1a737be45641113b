#include <fmt/core.h>

#include "autograd/check/gradcheck.h"
#include "autograd/check/verdict.h"

namespace hourglass {
namespace {

// "[1, 2]" of element 5 in [2, 3].
std::string position(std::int64_t index, const Shape& shape) {
  std::vector<std::int64_t> at(static_cast<std::size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    at[static_cast<std::size_t>(axis)] = index % shape[axis];
    index /= shape[axis];
  }
  return to_string(Shape(at));
}

std::string where(const CheckFinding& f) {
  if (f.index < 0) return "along a random direction through all variables";
  return fmt::format("in {} {} at {}", f.variable, to_string(f.shape), position(f.index, f.shape));
}

const char* result_of(const CheckFinding& f) {
  if (f.passed) return "passed";
  return f.outcome == CheckOutcome::kKink ? "NOT DIFFERENTIABLE HERE" : "FAILED";
}

std::string to_text(const CheckFinding& f) {
  std::string text = fmt::format(
      "order {}: {}: worst error {:.1e}, tolerance {:.0e}, {}\n"
      "    graph       {:.16g}\n"
      "    differences {:.16g}\n",
      f.order, result_of(f), f.error, f.tolerance, where(f), f.analytic, f.numeric);
  text += check::draw(f.steps, f.tolerance);
  text += "    " + f.verdict + "\n";
  if (f.kinks > 1) text += fmt::format("    {} elements lie on kinks\n", f.kinks);
  for (const std::string& suspect : f.suspects) {
    text += "    " + suspect + "\n";
  }
  return text;
}

}  // namespace

std::string to_string(const CheckReport& report) {
  const char* result = report.passed ? "passed" : result_of(report.findings.back());
  std::string text = fmt::format("gradient check: {}: {} elements", result, report.elements);
  if (report.directions > 0) text += fmt::format(", {} random directions", report.directions);
  if (report.held > 0) {
    text += fmt::format(", {} stop_gradient nodes held at their values", report.held);
  }
  text += "\n";
  for (const CheckFinding& finding : report.findings) text += to_text(finding);
  return text;
}

std::string to_string(const AdjointReport& report) {
  return fmt::format(
      "adjoint check: {}: {} pairs, worst error {:.1e}\n"
      "    <f(x), u>   {:.16g}\n"
      "    <x, f'(u)>  {:.16g}\n",
      report.passed ? "passed" : "FAILED", report.pairs, report.error, report.forward,
      report.backward);
}

}  // namespace hourglass

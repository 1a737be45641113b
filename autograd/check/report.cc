#include "autograd/check/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

constexpr int kTop = 1;  // decades that are drawn
constexpr int kBottom = -16;

// Errors by decades, a column a step: where the marks rise to the left it is rounding, to the right
// truncation.
std::string draw(const std::vector<StepError>& steps, double tolerance) {
  const auto decade = [](double error) {
    if (!std::isfinite(error)) return kTop;
    if (error <= 0) return kBottom;
    return std::clamp(static_cast<int>(std::lround(std::log10(error))), kBottom, kTop);
  };
  int low = kTop;
  int high = kBottom;
  for (const StepError& step : steps) {
    low = std::min(low, decade(step.error));
    high = std::max(high, decade(step.error));
  }
  const int limit = decade(tolerance);
  low = std::min(low, limit);
  high = std::max(high, limit);
  std::string text;
  for (int row = high; row >= low; --row) {
    std::string line = fmt::format("    1e{:<+4}{}", row, row == limit ? "-" : "|");
    for (const StepError& step : steps) {
      const char fill = row == limit ? '-' : ' ';
      line += fmt::format("{0}{0}{0}{1}{0}{0}{0}", fill, decade(step.error) == row ? '*' : fill);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  std::string row = "    step    ";
  for (const StepError& step : steps) row += fmt::format("{:^7}", fmt::format("{:.0e}", step.step));
  text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  row = "    error   ";
  for (const StepError& step : steps)
    row += fmt::format("{:^7}", fmt::format("{:.0e}", step.error));
  return text + row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
}

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
  if (f.outcome == CheckOutcome::kUndecided) return "UNDECIDED";
  return f.outcome == CheckOutcome::kKink ? "NOT DIFFERENTIABLE HERE" : "FAILED";
}

std::string to_text(const CheckFinding& f) {
  std::string text = fmt::format(
      "order {}: {}: worst error {:.1e}, tolerance {:.0e}, {}\n"
      "    graph       {:.16g}\n"
      "    differences {:.16g}\n",
      f.order, result_of(f), f.error, f.tolerance, where(f), f.analytic, f.numeric);
  text += draw(f.steps, f.tolerance);
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

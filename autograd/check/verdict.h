#pragma once

// What errors against step sizes say. Internal to autograd/check.

#include <string>
#include <vector>

#include "autograd/check/gradcheck.h"

namespace hourglass::check {

// Sets outcome and verdict from the steps, the derivative and the tolerance.
void judge(CheckFinding& finding);

// Errors by decades, a column a step: where the marks rise to the left it is rounding, to the right
// truncation.
std::string draw(const std::vector<StepError>& steps, double tolerance);

}  // namespace hourglass::check

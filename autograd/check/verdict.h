#pragma once

// What errors against step sizes say. Internal to autograd/check.

#include "autograd/check/report.h"

namespace hourglass::check {

// Sets outcome and verdict from the steps, the derivative and the tolerance.
void judge(CheckFinding& finding);

}  // namespace hourglass::check

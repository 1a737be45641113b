#pragma once

#include "autograd/graph/var.h"

namespace hourglass::ae {

// 1 - exp(-e^2 / (2 scale^2)) of each element of e = y - target: the correntropy-induced loss.
// Throws Error unless scale > 0.
Var correntropy_loss(const Var& y, const Var& target, double scale);

}  // namespace hourglass::ae

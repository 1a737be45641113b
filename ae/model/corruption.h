#pragma once

#include <vector>

#include "ae/model/modifiers.h"
#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::ae {

// x with fresh noise, a function of (key, stream): streams `stream` and `stream + 1` are drawn
// from. The derivative with respect to x is that of the noisy value at fixed noise.
Var corrupt(const Var& x, const Corruption& corruption, const RandomKey& key, std::int64_t stream);

// All of them in turn; x itself where there are none, and outside of training.
Var corrupt(const Var& x, const std::vector<Corruption>& corruptions, const Step& step);

}  // namespace hourglass::ae

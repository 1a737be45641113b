#pragma once

// Inputs that are never fed: shapes are checked at the call.

#include "autograd/graph/var.h"
#include "autograd/ops/ops.h"

namespace hourglass::testing {

inline const Var kScalar = input({});
inline const Var kVector = input({4});
inline const Var kMatrix = input({2, 3});

}  // namespace hourglass::testing

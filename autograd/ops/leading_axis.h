#pragma once

#include <cstdint>

#include "autograd/graph/op.h"

namespace hourglass {

// x repeated along a new leading axis: [size, x...].
Var add_leading_axis(const Var& x, std::int64_t size);

// Input i of a batched call with the leading axis, broadcast if it had none.
Var with_axis(const BatchCall& b, int i);

}  // namespace hourglass

#pragma once

#include <cstdint>

#include "autograd/graph/op.h"

namespace hourglass::internal {

// x repeated along a new leading axis: [size, x...].
Var add_leading_axis(const Var& x, std::int64_t size);

// Input i of a batched call with the leading axis, broadcast if it had none.
Var with_axis(const BatchCall& b, int i);

// Indices [B, k...] into B arrays of n elements as indices into one array of them all, in which they
// begin `step` apart. One that is out of its own array is -1, out of every array.
Var joined_indices(const BatchCall& b, const Var& indices, std::int64_t n, std::int64_t step);
inline Var joined_indices(const BatchCall& b, const Var& indices, std::int64_t n) {
  return joined_indices(b, indices, n, n);
}

// Rules of ops that work along the last axis of their first input: a leading axis makes no
// difference to them, and they mix the last one alone.
Var batch_as_it_is(const BatchCall& b);
int keep_all_but_last(const Call& c, int argument, int axis);

}  // namespace hourglass::internal

#pragma once

// The ops that the engine itself builds with and looks for, each defined beside its function in
// this folder; the others are known by their functions alone. To ask of a node whether it is one of
// them, compare addresses: `&x.op() == &reshape_op`. Bound when the library is loaded: code that
// runs at start-up inside the library may compare them (nothing is equal yet), not apply them.

#include "autograd/graph/op.h"

namespace hourglass::internal {

extern const Op& after_op;
extern const Op& broadcast_to_op;
extern const Op& cast_op;
extern const Op& matmul_op;
extern const Op& reshape_op;
extern const Op& stop_gradient_op;
extern const Op& sum_to_op;
extern const Op& transpose_op;

}  // namespace hourglass::internal

#pragma once

#include "autograd/graph/var.h"

namespace hourglass::internal {

bool is_view(const Var& x);  // only gives its input's bytes another name: reshape, after

// The node whose bytes x's are: what only renames bytes is looked through.
Var storage_of(const Var& x);

}  // namespace hourglass::internal

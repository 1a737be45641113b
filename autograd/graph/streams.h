#pragma once

#include <vector>

#include "autograd/graph/var.h"

namespace hourglass::internal {

// Throws Error where two random nodes of one key and stream differ in shape or kind, and where two
// names lead to one stream.
void check_streams(const std::vector<Var>& order);

}  // namespace hourglass::internal

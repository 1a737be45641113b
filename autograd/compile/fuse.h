#pragma once

#include <vector>

#include "autograd/compile/instruction.h"
#include "autograd/graph/var.h"

namespace hourglass::internal {

// The instructions that compute `kept`, in no particular order (see schedule). Elementwise nodes
// (lanes, casts and draws) over the same elements that feed each other become one loop, broadcasts
// into a loop become reads, and sums of what a loop makes (of all, by rows, by columns) are made on
// the way, in an order that follows from sizes alone.
std::vector<Instruction> fuse(const std::vector<Var>& kept);

}  // namespace hourglass::internal

#pragma once

#include <vector>

#include "autograd/compile/instruction.h"
#include "autograd/ops/step.h"

namespace hourglass::internal {

// The instructions in the order in which they run: inputs before users, otherwise close to the
// order of the graph, but for two things. What is tiny runs as soon as it can. An update runs as
// soon as the watched values are known and nobody needs the old value any more: then it is written
// in place, and what it reads (a gradient) is still in cache and soon out of the arena.
std::vector<Instruction> schedule(std::vector<Instruction> instructions,
                                  const std::vector<Update>& updates,
                                  const std::vector<Var>& watch);

}  // namespace hourglass::internal

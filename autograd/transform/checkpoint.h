#pragma once

#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// The mark that checkpoint(f)(xs) leaves: inputs {f(xs), xs...}, value f(xs). Nothing but grad
// looks at more than the first input, and every transform may treat the mark as any other op: what
// f computes is found anew, as the nodes between the xs and the first input.
bool is_checkpoint(const Var& x);
bool is_after(const Var& x);

struct CheckpointRegion {
  std::vector<Var> inside;  // what f computes, inputs before users; none of the xs
  std::vector<Var> reads;   // what that reads from outside, each once
};
CheckpointRegion checkpoint_region(const Var& mark);

}  // namespace hourglass

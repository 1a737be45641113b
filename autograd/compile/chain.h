#pragma once

#include <vector>

#include "autograd/compile/fuse.h"

namespace hourglass {

// The steps of a loop while some are joined into others. Internal to chain_steps.
class Chain {
 public:
  explicit Chain(Instruction& loop);

  // The step that made the register, or nullptr for a read.
  LoopStep* step(int r);
  // The same, if it may become part of its only reader and be forgotten; and if it is one lane.
  LoopStep* candidate(int r);
  LoopStep* lane_candidate(int r);

  int uses(int r) const { return r < reads_ ? 0 : uses_[index(r)]; }  // by other steps
  bool stored(const LoopStep& step) const;                            // an output of the loop
  bool stored(int r) { return step(r) && stored(*step(r)); }
  bool is_scalar(int r) const;  // a read of one element

  // The step is done by `into`, and no step of its own any more.
  void absorb(LoopStep& step, LoopStep& into);
  void drop_absorbed();

 private:
  std::size_t index(int r) const { return static_cast<std::size_t>(r - reads_); }

  Instruction& loop_;
  int reads_;
  std::vector<int> uses_;
  std::vector<bool> absorbed_;
};

// Makes `last` Adam's whole update, if that is what it ends.
bool join_adam(Chain& chain, LoopStep& last);

}  // namespace hourglass

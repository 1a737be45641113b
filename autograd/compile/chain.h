#pragma once

#include <span>
#include <vector>

#include "autograd/compile/instruction.h"

namespace hourglass::internal {

// Joins steps of a loop (one a node) into fewer: what a fused update computes becomes its step, and
// steps whose results nothing else wants become chains that have a kernel of their own. No bit
// changes.
void chain_steps(Instruction& loop);

// The steps of a loop while some are joined into others. Internal to chain_steps.
class Chain {
 public:
  explicit Chain(Instruction& loop);

  // The step that made the register, or nullptr for a read.
  LoopStep* step(int r);
  // The same, if it may become part of its only reader and be forgotten.
  LoopStep* candidate(int r);

  // The steps that read it, by position; one that does twice is there twice.
  std::span<const std::size_t> readers(int r) const {
    const std::size_t* first = &begin_[static_cast<std::size_t>(r)];
    return std::span(readers_).subspan(first[0], first[1] - first[0]);
  }
  bool stored(int r) const { return stored_[static_cast<std::size_t>(r)]; }  // an output
  bool is_scalar(int r) const;  // a read of one element
  std::size_t position(const LoopStep& step) const;
  bool absorbed(const LoopStep& step) const { return absorbed_[position(step)]; }

  // The step is done by `into`, and no step of its own any more.
  void absorb(LoopStep& step, LoopStep& into);
  void drop_absorbed();

 private:
  Instruction& loop_;
  ShortVector<int> maker_;                    // of each register a step's position, or -1
  ShortVector<std::size_t> readers_, begin_;  // of register r: from begin_[r] to begin_[r + 1]
  ShortVector<bool> stored_;
  ShortVector<bool> absorbed_;  // of each step
};

// Whether a step is one lane of one node, and which.
kernels::Lane lane_of(const LoopStep& step);  // kNone if it is not

// Makes `last` a whole update, if that is what it ends.
bool join_update(Chain& chain, LoopStep& last);

}  // namespace hourglass::internal

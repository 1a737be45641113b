#include <algorithm>

#include "autograd/compile/chain.h"

namespace hourglass::internal {
namespace {

using kernels::FusedUpdate;
using kernels::Lane;

bool commutes(Lane lane) { return lane == Lane::kAdd || lane == Lane::kMultiply; }

// Finds the lanes of an update in the steps of a loop, from its last result back, factors and terms
// in either order.
class UpdateMatch {
 public:
  UpdateMatch(Chain& chain, const FusedUpdate& update, const LoopStep& last)
      : chain_(chain),
        update_(update),
        last_(last),
        leaves_(update.arrays + update.scalars),
        bound_(static_cast<std::size_t>(leaves_) + update.steps.size(), kNone) {}

  bool found() { return solve({{update_.results.back(), last_.results[0]}}); }

  int bound(int r) const { return bound_[static_cast<std::size_t>(r)]; }
  Registers operands() const { return {bound_.begin(), bound_.begin() + leaves_}; }
  Registers results() const {
    Registers registers;
    for (int r : update_.results) registers.push_back(bound(r));
    return registers;
  }

 private:
  static constexpr int kNone = -1;
  struct Goal {
    int wanted = 0, found = 0;  // a register of the update, and the loop's that is to be it
  };

  // Whether all goals can be met at once with what is bound so far. As deep as the update is long.
  bool solve(std::vector<Goal> goals) {
    if (goals.empty()) return can_be_one_step();
    const Goal goal = goals.back();
    goals.pop_back();
    int& bound = bound_[static_cast<std::size_t>(goal.wanted)];
    if (bound != kNone) return bound == goal.found && solve(std::move(goals));
    bound = goal.found;
    const bool met = goal.wanted < leaves_
                         ? is_leaf(goal.wanted, goal.found) && solve(std::move(goals))
                         : match_lane(goal, goals);
    if (!met) bound = kNone;
    return met;
  }

  bool is_leaf(int wanted, int found) const {
    return chain_.is_scalar(found) == (wanted >= update_.arrays);
  }

  const FusedUpdate::Step& lane_at(int r) const {
    return update_.steps[static_cast<std::size_t>(r - leaves_)];
  }

  bool match_lane(const Goal& goal, const std::vector<Goal>& rest) {
    const FusedUpdate::Step& wanted = lane_at(goal.wanted);
    const LoopStep* step = chain_.step(goal.found);
    if (!step || chain_.absorbed(*step) || lane_of(*step) != wanted.lane) return false;
    const auto with = [&](bool swapped) {
      std::vector<Goal> goals = rest;
      const std::size_t n = step->operands.size();
      for (std::size_t i = 0; i < n; ++i) {
        goals.push_back({wanted.operands[i], step->operands[swapped ? n - 1 - i : i]});
      }
      return solve(std::move(goals));
    };
    return with(false) || (commutes(wanted.lane) && with(true));
  }

  bool is_result(int r) const {
    return std::find(update_.results.begin(), update_.results.end(), r) != update_.results.end();
  }

  // The update must not read what it makes; what lies between must have no reader outside of it,
  // and that of a result must come later than the step that will make it.
  bool can_be_one_step() const {
    const int registers = static_cast<int>(bound_.size());
    std::vector<std::size_t> inside;
    for (int r = leaves_; r < registers; ++r) {
      inside.push_back(chain_.position(*chain_.step(bound(r))));
    }
    const auto own = [&](std::size_t position) {
      return std::find(inside.begin(), inside.end(), position) != inside.end();
    };
    for (int r = 0; r < leaves_; ++r) {
      const LoopStep* step = chain_.step(bound(r));
      if (step && own(chain_.position(*step))) return false;
    }
    const std::size_t end = chain_.position(last_);
    for (int r = leaves_; r < registers; ++r) {
      if (!is_result(r) && chain_.stored(bound(r))) return false;
      for (const std::size_t reader : chain_.readers(bound(r))) {
        if (!own(reader) && !(is_result(r) && reader > end)) return false;
      }
    }
    return true;
  }

  Chain& chain_;
  const FusedUpdate& update_;
  const LoopStep& last_;
  int leaves_;
  std::vector<int> bound_;  // of each register of the update: the loop's
};

bool join(Chain& chain, const FusedUpdate& update, LoopStep& last) {
  if (lane_of(last) != update.steps.back().lane) return false;
  UpdateMatch match(chain, update, last);
  if (!match.found()) return false;
  const int leaves = update.arrays + update.scalars;
  for (std::size_t k = 0; k + 1 < update.steps.size(); ++k) {
    chain.absorb(*chain.step(match.bound(leaves + static_cast<int>(k))), last);
  }
  last.what = UpdateStep{&update};
  last.operands = match.operands();
  last.results = match.results();
  return true;
}

}  // namespace

bool join_update(Chain& chain, LoopStep& last) {
  if (lane_of(last) == Lane::kNone) return false;
  for (const FusedUpdate& update : kernels::fused_updates()) {
    if (update.function(last.nodes[0].dtype()) && join(chain, update, last)) return true;
  }
  return false;
}

}  // namespace hourglass::internal

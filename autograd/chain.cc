#include "autograd/chain.h"

#include <algorithm>

#include "autograd/op.h"

namespace hourglass {
namespace {

using kernels::Lane;

// A square is the product of a register with itself.
Lane lane_of(const LoopStep& step) {
  const Lane lane = step.nodes[0].op().lane;
  return lane == Lane::kSquare ? Lane::kMultiply : lane;
}
std::vector<int> operands_of(const LoopStep& step) {
  if (step.nodes[0].op().lane == Lane::kSquare) return {step.operands[0], step.operands[0]};
  return step.operands;
}

// a b + c d, a b - c d
bool join_products(Chain& chain, LoopStep& step) {
  const Var& node = step.nodes.back();
  const kernels::LaneFunction joined =
      kernels::lane_products(node.op().lane, node.inputs()[0].dtype());
  if (!joined) return false;
  LoopStep* a = chain.candidate(step.operands[0]);
  LoopStep* b = chain.candidate(step.operands[1]);
  if (!a || !b || lane_of(*a) != Lane::kMultiply || lane_of(*b) != Lane::kMultiply) return false;
  step.operands = operands_of(*a);
  for (int r : operands_of(*b)) step.operands.push_back(r);
  step.lane = joined;
  chain.absorb(*a, step);
  chain.absorb(*b, step);
  return true;
}

void join_pair(Chain& chain, LoopStep& step) {
  const Var& node = step.nodes.back();
  if (step.operands.size() > 2) return;
  for (std::size_t i = 0; i < step.operands.size(); ++i) {
    LoopStep* first = chain.candidate(step.operands[i]);
    if (!first) continue;
    const kernels::LaneFunction pair =
        kernels::lane_pair(lane_of(*first), node.op().lane, i == 1, node.inputs()[0].dtype());
    if (!pair) continue;
    std::vector<int> operands = operands_of(*first);
    if (step.operands.size() == 2) operands.push_back(step.operands[1 - i]);
    step.operands = std::move(operands);
    step.lane = pair;
    return chain.absorb(*first, step);
  }
}

}  // namespace

Chain::Chain(Instruction& loop)
    : loop_(loop),
      reads_(static_cast<int>(loop.reads.size())),
      uses_(loop.steps.size(), 0),
      absorbed_(loop.steps.size(), false) {
  for (const LoopStep& step : loop.steps) {
    for (int r : step.operands) {
      if (r >= reads_) ++uses_[index(r)];
    }
  }
}

LoopStep* Chain::step(int r) { return r < reads_ ? nullptr : &loop_.steps[index(r)]; }

LoopStep* Chain::candidate(int r) {
  LoopStep* made = step(r);
  if (!made || uses_[index(r)] != 1 || !made->lane || made->nodes.size() != 1) return nullptr;
  return stored(*made) ? nullptr : made;
}

bool Chain::stored(const LoopStep& step) const {
  return std::any_of(loop_.outputs.begin(), loop_.outputs.end(),
                     [&](const Var& v) { return v.same(step.nodes.back()); });
}

bool Chain::is_scalar(int r) const {
  return r < reads_ && loop_.reads[static_cast<std::size_t>(r)].pattern == Pattern::kScalar;
}

void Chain::absorb(LoopStep& step, LoopStep& into) {
  absorbed_[static_cast<std::size_t>(&step - loop_.steps.data())] = true;
  into.nodes.insert(into.nodes.end() - 1, step.nodes[0]);
}

void Chain::drop_absorbed() {
  std::vector<int> moved;  // where each step goes
  int kept = 0;
  for (std::size_t k = 0; k < loop_.steps.size(); ++k) {
    moved.push_back(reads_ + kept);
    if (!absorbed_[k]) ++kept;
  }
  std::vector<LoopStep> steps;
  for (std::size_t k = 0; k < loop_.steps.size(); ++k) {
    if (absorbed_[k]) continue;
    for (int& r : loop_.steps[k].operands) {
      if (r >= reads_) r = moved[index(r)];
    }
    steps.push_back(std::move(loop_.steps[k]));
  }
  loop_.steps = std::move(steps);
}

// Adam first: of its products pairs would be made.
void chain_steps(Instruction& loop) {
  Chain chain(loop);
  for (LoopStep& step : loop.steps) join_adam(chain, step);
  chain.drop_absorbed();
  Chain rest(loop);
  for (LoopStep& step : loop.steps) {
    if (step.nodes.size() == 1 && step.lane && !join_products(rest, step)) join_pair(rest, step);
  }
  rest.drop_absorbed();
}

}  // namespace hourglass

#include "autograd/compile/chain.h"

#include <algorithm>
#include <optional>

#include "autograd/graph/op.h"

namespace hourglass {
namespace {

using kernels::ChainOp;
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
  LoopStep* a = chain.lane_candidate(step.operands[0]);
  LoopStep* b = chain.lane_candidate(step.operands[1]);
  if (!a || !b || lane_of(*a) != Lane::kMultiply || lane_of(*b) != Lane::kMultiply) return false;
  step.operands = operands_of(*a);
  for (int r : operands_of(*b)) step.operands.push_back(r);
  step.lane = joined;
  chain.absorb(*a, step);
  chain.absorb(*b, step);
  return true;
}

// What a chain does with its base: an operation for each operand.
struct Links {
  int base = 0;
  std::vector<ChainOp> ops;
  std::vector<int> operands;
};

ChainOp op_of(Lane lane, bool swapped) {
  if (lane == Lane::kAdd) return ChainOp::kAdd;
  if (lane == Lane::kMultiply) return ChainOp::kMultiply;
  return swapped ? ChainOp::kSubtractFrom : ChainOp::kSubtract;
}

// A step as a chain, if it is one or can begin one. A base is read element by element.
std::optional<Links> links_of(const Chain& chain, const LoopStep& step) {
  if (step.chain)
    return Links{step.operands[0], step.ops, {step.operands.begin() + 1, step.operands.end()}};
  const Lane lane = lane_of(step);
  if (lane != Lane::kAdd && lane != Lane::kSubtract && lane != Lane::kMultiply) return {};
  const std::vector<int> operands = operands_of(step);
  const bool swapped = chain.is_scalar(operands[0]);
  if (swapped && chain.is_scalar(operands[1])) return {};
  return Links{operands[swapped ? 1 : 0], {op_of(lane, swapped)}, {operands[swapped ? 0 : 1]}};
}

// Makes a sum, difference or product the end of the chain that makes one of its operands; of two
// such chains, of the longer.
bool extend_chain(Chain& chain, LoopStep& step) {
  const Var& node = step.nodes.back();
  const Lane lane = node.op().lane;
  if (lane != Lane::kAdd && lane != Lane::kSubtract && lane != Lane::kMultiply) return false;
  LoopStep* before = nullptr;
  Links links;
  kernels::ChainFunction function = nullptr;
  for (std::size_t i = 0; i < 2; ++i) {
    LoopStep* made = chain.candidate(step.operands[i]);
    std::optional<Links> longer;
    if (made && (made->chain || made->nodes.size() == 1)) longer = links_of(chain, *made);
    if (!longer || (before && longer->ops.size() < links.ops.size())) continue;
    longer->ops.push_back(op_of(lane, i == 1));
    longer->operands.push_back(step.operands[1 - i]);
    const kernels::ChainFunction found = kernels::lane_chain(longer->ops, node.inputs()[0].dtype());
    if (!found) continue;
    before = made;
    links = std::move(*longer);
    function = found;
  }
  if (!before) return false;
  step.lane = nullptr;
  step.chain = function;
  step.ops = std::move(links.ops);
  step.operands = std::move(links.operands);
  step.operands.insert(step.operands.begin(), links.base);
  chain.absorb(*before, step);
  return true;
}

void join_pair(Chain& chain, LoopStep& step) {
  const Var& node = step.nodes.back();
  if (step.operands.size() > 2) return;
  for (std::size_t i = 0; i < step.operands.size(); ++i) {
    LoopStep* first = chain.lane_candidate(step.operands[i]);
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
  if (!made || uses_[index(r)] != 1 || stored(*made)) return nullptr;
  return made->lane || made->chain ? made : nullptr;
}

LoopStep* Chain::lane_candidate(int r) {
  LoopStep* made = candidate(r);
  return made && made->lane && made->nodes.size() == 1 ? made : nullptr;
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
  into.nodes.insert(into.nodes.end() - 1, step.nodes.begin(), step.nodes.end());
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
    if (step.nodes.size() > 1 || !step.lane) continue;
    if (!join_products(rest, step) && !extend_chain(rest, step)) join_pair(rest, step);
  }
  rest.drop_absorbed();
}

}  // namespace hourglass

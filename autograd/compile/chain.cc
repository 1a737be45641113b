#include "autograd/compile/chain.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "autograd/graph/op.h"

namespace hourglass::internal {
namespace {

using kernels::ChainOp;
using kernels::Lane;

// A square is the product of a register with itself.
Lane product_of(const LoopStep& step) {
  const Lane lane = lane_of(step);
  return lane == Lane::kSquare ? Lane::kMultiply : lane;
}
std::vector<int> operands_of(const LoopStep& step) {
  if (lane_of(step) == Lane::kSquare) return {step.operands[0], step.operands[0]};
  return step.operands;
}
DType dtype_of(const LoopStep& step) { return step.nodes.back().inputs()[0].dtype(); }

// a b + c d, a b - c d
bool join_products(Chain& chain, LoopStep& step) {
  const kernels::LaneFunction joined = kernels::lane_products(lane_of(step), dtype_of(step));
  if (!joined) return false;
  LoopStep* a = chain.lane_candidate(step.operands[0]);
  LoopStep* b = chain.lane_candidate(step.operands[1]);
  if (!a || !b || product_of(*a) != Lane::kMultiply || product_of(*b) != Lane::kMultiply) {
    return false;
  }
  step.operands = operands_of(*a);
  for (int r : operands_of(*b)) step.operands.push_back(r);
  step.what = LaneStep{joined};
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

bool is_link(Lane lane) {
  return lane == Lane::kAdd || lane == Lane::kSubtract || lane == Lane::kMultiply;
}

ChainOp op_of(Lane lane, bool swapped) {
  if (lane == Lane::kAdd) return ChainOp::kAdd;
  if (lane == Lane::kMultiply) return ChainOp::kMultiply;
  return swapped ? ChainOp::kSubtractFrom : ChainOp::kSubtract;
}

// A step as a chain, if it is one or can begin one. A base is read element by element.
std::optional<Links> links_of(const Chain& chain, const LoopStep& step) {
  if (const auto* made = std::get_if<ChainStep>(&step.what)) {
    return Links{step.operands[0], made->ops, {step.operands.begin() + 1, step.operands.end()}};
  }
  const Lane lane = product_of(step);
  if (!is_link(lane)) return {};
  const std::vector<int> operands = operands_of(step);
  const bool swapped = chain.is_scalar(operands[0]);
  if (swapped && chain.is_scalar(operands[1])) return {};
  return Links{operands[swapped ? 1 : 0], {op_of(lane, swapped)}, {operands[swapped ? 0 : 1]}};
}

// Makes a sum, difference or product the end of the chain that makes one of its operands; of two
// such chains, of the longer.
bool extend_chain(Chain& chain, LoopStep& step) {
  const Lane lane = lane_of(step);
  if (!is_link(lane)) return false;
  LoopStep* before = nullptr;
  Links links;
  kernels::ChainFunction function = nullptr;
  for (std::size_t i = 0; i < 2; ++i) {
    LoopStep* made = chain.candidate(step.operands[i]);
    std::optional<Links> longer;
    if (made) longer = links_of(chain, *made);
    if (!longer || (before && longer->ops.size() < links.ops.size())) continue;
    longer->ops.push_back(op_of(lane, i == 1));
    longer->operands.push_back(step.operands[1 - i]);
    const kernels::ChainFunction found = kernels::lane_chain(longer->ops, dtype_of(step));
    if (!found) continue;
    before = made;
    links = std::move(*longer);
    function = found;
  }
  if (!before) return false;
  step.what = ChainStep{function, std::move(links.ops)};
  step.operands = std::move(links.operands);
  step.operands.insert(step.operands.begin(), links.base);
  chain.absorb(*before, step);
  return true;
}

void join_pair(Chain& chain, LoopStep& step) {
  if (step.operands.size() > 2) return;
  for (std::size_t i = 0; i < step.operands.size(); ++i) {
    LoopStep* first = chain.lane_candidate(step.operands[i]);
    if (!first) continue;
    const kernels::LaneFunction pair =
        kernels::lane_pair(product_of(*first), lane_of(step), i == 1, dtype_of(step));
    if (!pair) continue;
    std::vector<int> operands = operands_of(*first);
    if (step.operands.size() == 2) operands.push_back(step.operands[1 - i]);
    step.operands = std::move(operands);
    step.what = LaneStep{pair};
    return chain.absorb(*first, step);
  }
}

}  // namespace

Lane lane_of(const LoopStep& step) {
  const bool one = std::holds_alternative<LaneStep>(step.what) && step.nodes.size() == 1;
  return one ? step.nodes[0].op().lane : Lane::kNone;
}

Chain::Chain(Instruction& loop)
    : loop_(loop),
      maker_(loop.reads.size() + loop.nodes.size(), -1),
      begin_(maker_.size() + 1),
      stored_(maker_.size()),
      absorbed_(loop.steps.size()) {
  for (const LoopStep& step : loop.steps) {
    for (int r : step.operands) ++begin_[static_cast<std::size_t>(r) + 1];
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  readers_.resize(begin_.back());
  std::vector<std::size_t> next = begin_;
  for (std::size_t k = 0; k < loop.steps.size(); ++k) {
    for (int r : loop.steps[k].operands) readers_[next[static_cast<std::size_t>(r)]++] = k;
    for (int r : loop.steps[k].results) maker_[static_cast<std::size_t>(r)] = static_cast<int>(k);
  }
  auto output = loop.outputs.begin();  // in the order of the nodes
  for (std::size_t i = 0; i < loop.nodes.size() && output != loop.outputs.end(); ++i) {
    if (!loop.nodes[i].same(*output)) continue;
    stored_[loop.reads.size() + i] = true;
    ++output;
  }
}

LoopStep* Chain::step(int r) {
  const int k = maker_[static_cast<std::size_t>(r)];
  return k < 0 ? nullptr : &loop_.steps[static_cast<std::size_t>(k)];
}

LoopStep* Chain::candidate(int r) {
  LoopStep* made = step(r);
  if (!made || readers(r).size() != 1 || stored(r)) return nullptr;
  const bool joins =
      std::holds_alternative<LaneStep>(made->what) || std::holds_alternative<ChainStep>(made->what);
  return joins ? made : nullptr;
}

LoopStep* Chain::lane_candidate(int r) {
  LoopStep* made = candidate(r);
  return made && lane_of(*made) != Lane::kNone ? made : nullptr;
}

bool Chain::is_scalar(int r) const {
  const auto k = static_cast<std::size_t>(r);
  return k < loop_.reads.size() && loop_.reads[k].pattern == Pattern::kScalar;
}

std::size_t Chain::position(const LoopStep& step) const {
  return static_cast<std::size_t>(&step - loop_.steps.data());
}

void Chain::absorb(LoopStep& step, LoopStep& into) {
  absorbed_[position(step)] = true;
  into.nodes.insert(into.nodes.end() - 1, step.nodes.begin(), step.nodes.end());
}

void Chain::drop_absorbed() {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < loop_.steps.size(); ++k) {
    if (absorbed_[k]) continue;
    if (kept < k) loop_.steps[kept] = std::move(loop_.steps[k]);
    ++kept;
  }
  loop_.steps.resize(kept);
}

// Updates first: of their products pairs would be made.
void chain_steps(Instruction& loop) {
  if (loop.steps.size() == 1) return;
  Chain updates(loop);
  for (LoopStep& step : loop.steps) join_update(updates, step);
  updates.drop_absorbed();
  Chain rest(loop);
  for (LoopStep& step : loop.steps) {
    if (lane_of(step) == Lane::kNone) continue;
    if (!join_products(rest, step) && !extend_chain(rest, step)) join_pair(rest, step);
  }
  rest.drop_absorbed();
}

}  // namespace hourglass::internal

#include "autograd/compile/chain.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "autograd/graph/op.h"

namespace hourglass::internal {
namespace {

using kernels::ChainLink;
using kernels::ChainOp;
using kernels::ChainSource;
using kernels::Lane;

// What a lane does to the number in a register: to its first operand, or to its second.
struct LinkOps {
  ChainOp first, second;
  int operands;
};
std::optional<LinkOps> ops_of(Lane lane) {
  switch (lane) {
    case Lane::kAdd:
      return LinkOps{ChainOp::kAdd, ChainOp::kAdd, 2};
    case Lane::kSubtract:
      return LinkOps{ChainOp::kSubtract, ChainOp::kSubtractFrom, 2};
    case Lane::kMultiply:
      return LinkOps{ChainOp::kMultiply, ChainOp::kMultiply, 2};
    case Lane::kDivide:
      return LinkOps{ChainOp::kDivide, ChainOp::kDivideInto, 2};
    case Lane::kSqrt:
      return LinkOps{ChainOp::kSqrt, ChainOp::kSqrt, 1};
    case Lane::kSquare:
      return LinkOps{ChainOp::kSquare, ChainOp::kSquare, 1};
    case Lane::kRelu:
      return LinkOps{ChainOp::kRelu, ChainOp::kRelu, 1};
    default:
      return {};
  }
}

DType dtype_of(const LoopStep& step) { return step.nodes.back().inputs()[0].dtype(); }

// The links of a chain, and the registers that are its inputs.
struct Links {
  std::vector<ChainLink> links;
  Registers inputs;

  void add(ChainOp op) { links.push_back({.op = op, .source = ChainSource::kNone}); }
  void add(const Chain& chain, ChainOp op, int r) {
    const auto source = chain.is_scalar(r) ? ChainSource::kScalar : ChainSource::kArray;
    links.push_back({.op = op, .source = source, .operand = input_of(r)});
  }
  bool uses_aside() const {
    return std::any_of(links.begin(), links.end(), [](const ChainLink& l) { return l.aside; });
  }
  // Another chain, which uses nothing aside, is worked out there; then both are joined.
  void join(ChainOp op, const Links& other) {
    for (ChainLink link : other.links) {
      link.aside = true;
      if (link.source != ChainSource::kNone) link.operand = input_of(other.inputs[link.operand]);
      links.push_back(link);
    }
    links.push_back({.op = op, .source = ChainSource::kAside});
  }

 private:
  std::uint8_t input_of(int r) {
    const auto found = std::find(inputs.begin(), inputs.end(), r);
    const auto at = static_cast<std::uint8_t>(found - inputs.begin());
    if (found == inputs.end()) inputs.push_back(r);
    return at;
  }
};

// A step as a chain, if it is one or can begin one.
std::optional<Links> links_of(const Chain& chain, const LoopStep& step) {
  if (const auto* made = std::get_if<ChainStep>(&step.what)) {
    return Links{made->links, step.operands};
  }
  const std::optional<LinkOps> ops = ops_of(lane_of(step));
  if (!ops) return {};
  Links links;
  links.add(chain, ChainOp::kLoad, step.operands[0]);
  ops->operands == 2 ? links.add(chain, ops->first, step.operands[1]) : links.add(ops->first);
  return links;
}

// Of a step the chains that make its operands, if nothing else wants these.
struct Made {
  LoopStep* step = nullptr;
  Links links;
};
ShortVector<Made, 2> made_of(Chain& chain, const LoopStep& step) {
  ShortVector<Made, 2> made;
  for (int r : step.operands) {
    LoopStep* const maker = chain.candidate(r);
    std::optional<Links> links;
    if (maker) links = links_of(chain, *maker);
    made.push_back(links ? Made{maker, std::move(*links)} : Made{});
  }
  return made;
}

// Makes a step the end of the chains that make its operands: of two, which both use what is aside,
// of the longer alone.
void extend_chain(Chain& chain, LoopStep& step) {
  const std::optional<LinkOps> ops = ops_of(lane_of(step));
  const bool any = std::any_of(step.operands.begin(), step.operands.end(),
                               [&](int r) { return chain.candidate(r) != nullptr; });
  if (!ops || !kernels::lane_chain(dtype_of(step)) || !any) return;
  const ShortVector<Made, 2> made = made_of(chain, step);
  const auto length = [&](std::size_t i) { return made[i].links.links.size(); };
  std::size_t main = made.size() == 2 && length(1) > length(0) ? 1 : 0;
  if (!made[main].step) return;
  const bool two = made.size() == 2 && made[1 - main].step;
  if (two && made[1 - main].links.uses_aside() && !made[main].links.uses_aside()) main = 1 - main;
  const ChainOp op = main == 0 ? ops->first : ops->second;
  const bool joins = two && !made[1 - main].links.uses_aside();
  Links links = made[main].links;
  if (joins) {
    links.join(op, made[1 - main].links);
  } else if (ops->operands == 2) {
    links.add(chain, op, step.operands[1 - main]);
  } else {
    links.add(op);
  }
  if (links.inputs.size() > kernels::kMostChainInputs) return;
  step.what = ChainStep{std::move(links.links)};
  step.operands = std::move(links.inputs);
  chain.absorb(*made[main].step, step);
  if (joins) chain.absorb(*made[1 - main].step, step);
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
  ShortVector<std::size_t> next = begin_;
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

// Updates first: of their products chains would be made.
void chain_steps(Instruction& loop) {
  if (loop.steps.size() == 1) return;
  std::optional<Chain> chain(std::in_place, loop);
  bool updates = false;
  for (LoopStep& step : loop.steps) updates = join_update(*chain, step) || updates;
  if (updates) {
    chain->drop_absorbed();
    chain.emplace(loop);
  }
  for (LoopStep& step : loop.steps) {
    if (lane_of(step) != Lane::kNone) extend_chain(*chain, step);
  }
  chain->drop_absorbed();
}

}  // namespace hourglass::internal

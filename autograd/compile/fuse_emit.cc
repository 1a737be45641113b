#include <algorithm>

#include "autograd/compile/fuse_groups.h"
#include "autograd/graph/op.h"

namespace hourglass::internal {
namespace {

// The place among the loop's reads of what is read so; it is added if it is not among them.
std::size_t read_index(Instruction& loop, const Var& value, Pattern pattern) {
  for (std::size_t k = 0; k < loop.reads.size(); ++k) {
    if (loop.reads[k].value.same(value) && loop.reads[k].pattern == pattern) return k;
  }
  loop.reads.push_back({value, pattern});
  return loop.reads.size() - 1;
}

LoopStep make_step(const Var& node, Role role) {
  LoopStep step;
  step.nodes = {node};
  const Var& x = node.inputs()[0];
  if (role == Role::kSum) {
    step.what = SumStep{spread_between(node.shape(), x.shape()).pattern};
  } else if (node.op().is_lane()) {
    step.what = LaneStep{kernels::lane_function(node.op().lane, x.dtype())};
  } else if (node.op().is_random()) {
    step.what = DrawStep{};
  } else {
    step.what = CastStep{};
  }
  return step;
}

// An operand before all reads are known: one of those, or a node of the loop.
struct Operand {
  bool own = false;
  std::size_t index = 0;
};

void add_steps(Groups& groups, const ShortVector<Position, 2>& nodes, Instruction& loop) {
  const FusedReads& reads = groups.reads;
  ShortVector<Operand> operands;  // of one node after the other
  for (const Position x : nodes) {
    for (const Position input : reads.inputs(x)) {
      const FusedRead from = reads.read(x, input);
      const auto own = std::lower_bound(nodes.begin(), nodes.end(), from.value);
      if (own != nodes.end() && *own == from.value && from.spread.pattern == Pattern::kFull) {
        operands.push_back({true, static_cast<std::size_t>(own - nodes.begin())});
      } else {
        groups.stored[from.value] = true;
        operands.push_back({false, read_index(loop, reads.node(from.value), from.spread.pattern)});
      }
    }
  }
  const auto register_of = [&](const Operand& operand) {
    return static_cast<int>(operand.own ? loop.reads.size() + operand.index : operand.index);
  };
  auto operand = operands.begin();
  loop.steps.reserve(nodes.size());
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    LoopStep& step = loop.steps.emplace_back(make_step(loop.nodes[k], reads.role(nodes[k])));
    for (std::size_t i = reads.inputs(nodes[k]).size(); i > 0; --i) {
      step.operands.push_back(register_of(*operand++));
    }
    step.results = {register_of({true, k})};
  }
}

// All but the outputs of a loop.
Instruction make_instruction(Groups& groups, Group& group) {
  const FusedReads& reads = groups.reads;
  ShortVector<Position, 2>& nodes = group.nodes;
  std::sort(nodes.begin(), nodes.end());
  Instruction result;
  result.nodes.reserve(nodes.size());
  for (const Position x : nodes) result.nodes.push_back(reads.node(x));
  const Var& first = result.nodes[0];
  if (!reads.is(nodes[0], Role::kElement) || (nodes.size() == 1 && first.op().is_random())) {
    for (const Position input : reads.inputs(nodes[0])) {
      const Position value = reads.storage(input);
      groups.stored[value] = true;
      result.reads.push_back({reads.node(value), Pattern::kFull});
    }
    result.outputs = {first};
    return result;
  }
  result.loop = true;
  result.elements = first.elements();
  result.columns = group.columns;
  result.apart = group.apart;
  add_steps(groups, nodes, result);
  return result;
}

}  // namespace

std::vector<Instruction> emit(Groups& groups) {
  std::vector<Instruction> instructions;
  instructions.reserve(groups.all.size());
  for (Group& group : groups.all) {
    if (!group.merged_away) instructions.push_back(make_instruction(groups, group));
  }
  for (Instruction& instruction : instructions) {
    if (!instruction.loop) continue;
    for (const Var& node : instruction.nodes) {
      if (groups.stored[groups.reads.position(node)]) instruction.outputs.push_back(node);
    }
  }
  return instructions;
}

}  // namespace hourglass::internal

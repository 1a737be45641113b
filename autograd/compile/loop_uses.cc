#include "autograd/compile/loop_uses.h"

#include <unordered_map>

namespace hourglass {

LoopUses::LoopUses(const Instruction& instruction) {
  if (!instruction.loop) return;
  std::unordered_map<const Node*, std::size_t> known;
  for (const Read& read : instruction.reads) {
    value_of_.push_back(known.emplace(read.value.node(), known.size()).first->second);
    if (value_of_.back() == values_.size()) values_.emplace_back();
    Value& value = values_[value_of_.back()];
    ++value.reads;
    value.full = value.full && read.pattern == Pattern::kFull;
  }
  std::unordered_map<const Node*, int> writers;
  for (std::size_t k = 0; k < instruction.steps.size(); ++k) {
    const LoopStep& step = instruction.steps[k];
    for (const int r : step.operands) {
      if (static_cast<std::size_t>(r) >= value_of_.size()) continue;
      values_[value_of_[static_cast<std::size_t>(r)]].last_step = static_cast<int>(k);
    }
    for (const int r : step.results) writers[instruction.node_of(r).node()] = static_cast<int>(k);
  }
  for (const Var& output : instruction.outputs) writers_.push_back(writers.at(output.node()));
}

}  // namespace hourglass

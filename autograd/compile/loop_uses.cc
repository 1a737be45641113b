#include "autograd/compile/loop_uses.h"

#include <algorithm>

namespace hourglass::internal {

LoopUses::LoopUses(const Instruction& instruction) {
  if (!instruction.loop) return;
  for (const Read& read : instruction.reads) {
    const auto first =  // few are read
        std::find_if(instruction.reads.begin(), instruction.reads.end(),
                     [&](const Read& other) { return other.value.same(read.value); });
    const auto at = static_cast<std::size_t>(first - instruction.reads.begin());
    const bool is_new = at == value_of_.size();
    value_of_.push_back(is_new ? values_.size() : value_of_[at]);
    if (is_new) values_.push_back({});
    Value& value = values_[value_of_.back()];
    ++value.reads;
    value.full = value.full && read.pattern == Pattern::kFull;
  }
  ShortVector<int> made_by(instruction.nodes.size());
  for (std::size_t k = 0; k < instruction.steps.size(); ++k) {
    const LoopStep& step = instruction.steps[k];
    for (const int r : step.operands) {
      if (static_cast<std::size_t>(r) >= value_of_.size()) continue;
      values_[value_of_[static_cast<std::size_t>(r)]].last_step = static_cast<int>(k);
    }
    for (const int r : step.results) {
      made_by[static_cast<std::size_t>(r) - instruction.reads.size()] = static_cast<int>(k);
    }
  }
  auto output = instruction.outputs.begin();  // in the order of the nodes
  for (std::size_t i = 0; i < made_by.size() && output != instruction.outputs.end(); ++i) {
    if (!instruction.nodes[i].same(*output)) continue;
    writers_.push_back(made_by[i]);
    ++output;
  }
}

}  // namespace hourglass::internal

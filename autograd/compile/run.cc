#include "autograd/compile/run.h"

#include <chrono>

#include "autograd/compile/storage.h"
#include "autograd/graph/node.h"

namespace hourglass {

Runner::Runner(Plan plan, const std::vector<Update>& updates)
    : plan_(std::move(plan)),
      arena_(Shape{static_cast<std::int64_t>(plan_.arena_bytes)}, DType::kU8) {
  std::unordered_set<const Node*> new_values;
  for (const Update& update : updates) new_values.insert(storage_of(update.value).node());
  for (const Instruction& instruction : plan_.instructions) prepare(instruction, new_values);
  for (const Update& update : updates) {
    const Var value = storage_of(update.value);
    if (made_by_loop_.count(value.node())) made_by_loop_.insert(update.value.node());
  }
}

void Runner::prepare(const Instruction& instruction,
                     const std::unordered_set<const Node*>& new_values) {
  Prepared& p = prepared_.emplace_back();
  for (const Read& read : instruction.reads) p.reads.push_back(plan_.places.at(read.value.node()));
  for (const Var& output : instruction.outputs) {
    p.writes.push_back(plan_.places.at(output.node()));
  }
  if (!instruction.loop) {
    const Node& node = *instruction.nodes[0].node();
    for (const Var& input : node.inputs) {
      p.inputs.push_back({nullptr, &input.shape(), input.dtype()});
    }
    p.output = {nullptr, &node.shape, node.dtype};
    return;
  }
  p.loop.emplace(instruction);
  for (std::size_t k = 0; k < instruction.outputs.size(); ++k) {
    const Node* node = instruction.outputs[k].node();
    if (!new_values.count(node)) continue;
    p.loop->check_finite(k);
    made_by_loop_.insert(node);
  }
}

void* Runner::at(const Place& place, std::span<const Tensor> inputs) const {
  switch (place.kind) {
    case Place::Kind::kArena:
      return const_cast<char*>(static_cast<const char*>(arena_.raw())) + place.offset;
    case Place::Kind::kInput:
      return const_cast<void*>(inputs[place.index].raw());
    case Place::Kind::kLeaf:
      break;
  }
  return const_cast<void*>(place.leaf->tensor.raw());
}

void* Runner::address(const Var& x, std::span<const Tensor> inputs) const {
  return at(plan_.places.at(x.node()), inputs);
}

bool Runner::run_instruction(std::size_t k, std::span<const Tensor> inputs) {
  Prepared& p = prepared_[k];
  if (p.loop) {
    read_at_.clear();
    written_at_.clear();
    for (const Place& place : p.reads) read_at_.push_back(at(place, inputs));
    for (const Place& place : p.writes) written_at_.push_back(at(place, inputs));
    return p.loop->run(read_at_, written_at_);
  }
  for (std::size_t i = 0; i < p.inputs.size(); ++i) p.inputs[i].data = at(p.reads[i], inputs);
  p.output.data = at(p.writes[0], inputs);
  const Node& node = *plan_.instructions[k].nodes[0].node();
  run_kernel(*node.op, {p.inputs, p.output, node.attributes});
  return true;
}

void Runner::run(std::span<const Tensor> inputs, RunWatcher& watcher, std::span<double> seconds) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = seconds.empty() ? Clock::time_point() : Clock::now();
  for (std::size_t k = 0; k < prepared_.size(); ++k) {
    if (k == plan_.gate) watcher.at_gate();
    if (!run_instruction(k, inputs)) watcher.not_finite(plan_.instructions[k]);
    if (seconds.empty()) continue;
    const Clock::time_point end = Clock::now();
    seconds[k] = std::chrono::duration<double>(end - start).count();
    start = end;
  }
  if (plan_.gate == prepared_.size()) watcher.at_gate();
}

}  // namespace hourglass

#include "autograd/compile/run.h"

#include <chrono>

#include "autograd/compile/storage.h"
#include "autograd/graph/node.h"

namespace hourglass::internal {

Runner::Runner(Plan plan, const std::vector<Update>& updates)
    : plan_(std::move(plan)),
      arena_(Shape{static_cast<std::int64_t>(plan_.arena_bytes)}, DType::kU8) {
  VarSet new_values;
  for (const Update& update : updates) new_values.insert(storage_of(update.value));
  prepared_.reserve(plan_.instructions.size());
  for (const Instruction& instruction : plan_.instructions) prepare(instruction, new_values);
  for (const Update& update : updates) {
    const Var value = storage_of(update.value);
    if (made_by_loop_.contains(value)) made_by_loop_.insert(update.value);
  }
}

void Runner::prepare(const Instruction& instruction, const VarSet& new_values) {
  Prepared& p = prepared_.emplace_back();
  p.reads.reserve(instruction.reads.size());
  p.writes.reserve(instruction.outputs.size());
  for (const Read& read : instruction.reads) p.reads.push_back(plan_.places.at(read.value));
  for (const Var& output : instruction.outputs) {
    p.writes.push_back(plan_.places.at(output));
  }
  if (!instruction.loop) {
    const Node& node = *instruction.nodes[0].node();
    p.inputs.reserve(node.inputs.size());
    for (const Var& input : node.inputs) {
      p.inputs.push_back({nullptr, &input.shape(), input.dtype()});
    }
    p.output = {nullptr, &node.shape, node.dtype};
    return;
  }
  p.loop.emplace(instruction);
  for (std::size_t k = 0; k < instruction.outputs.size(); ++k) {
    if (!new_values.contains(instruction.outputs[k])) continue;
    p.loop->check_finite(k);
    made_by_loop_.insert(instruction.outputs[k]);
  }
}

const void* Runner::read_at(const Place& place, const RunTensors& tensors) const {
  switch (place.kind) {
    case Place::Kind::kArena:
      return static_cast<const char*>(arena_.raw()) + place.offset;
    case Place::Kind::kInput:
      return tensors.inputs[place.index].raw();
    case Place::Kind::kOutput:
      return tensors.outputs[place.index].raw();
    case Place::Kind::kLeaf:
      break;
  }
  return place.leaf->tensor->raw();
}

// In the arena, in an output's tensor, or in the storage of a parameter that is updated: never in
// what a run is fed.
void* Runner::write_at(const Place& place, const RunTensors& tensors) {
  if (place.kind == Place::Kind::kOutput) return tensors.outputs[place.index].raw();
  if (place.kind == Place::Kind::kLeaf) return place.leaf->tensor->raw();
  return static_cast<char*>(arena_.raw()) + place.offset;
}

bool Runner::run_instruction(std::size_t k, const RunTensors& tensors) {
  Prepared& p = prepared_[k];
  if (p.loop) {
    reads_.clear();
    writes_.clear();
    for (const Place& place : p.reads) reads_.push_back(read_at(place, tensors));
    for (const Place& place : p.writes) writes_.push_back(write_at(place, tensors));
    return p.loop->run(reads_, writes_);
  }
  for (std::size_t i = 0; i < p.inputs.size(); ++i) p.inputs[i].data = read_at(p.reads[i], tensors);
  p.output.data = write_at(p.writes[0], tensors);
  const Node& node = *plan_.instructions[k].nodes[0].node();
  run_kernel(*node.op, {p.inputs, p.output, node.attributes});
  return true;
}

void Runner::run(const RunTensors& tensors, RunWatcher& watcher, std::span<double> seconds) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = seconds.empty() ? Clock::time_point() : Clock::now();
  for (std::size_t k = 0; k < prepared_.size(); ++k) {
    if (k == plan_.gate) watcher.at_gate();
    if (!run_instruction(k, tensors)) watcher.not_finite(plan_.instructions[k]);
    if (seconds.empty()) continue;
    const Clock::time_point end = Clock::now();
    seconds[k] = std::chrono::duration<double>(end - start).count();
    start = end;
  }
  if (plan_.gate == prepared_.size()) watcher.at_gate();
}

}  // namespace hourglass::internal

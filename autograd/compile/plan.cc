#include "autograd/compile/plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/compile/arena.h"
#include "autograd/compile/loop_uses.h"
#include "autograd/compile/storage.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "tensor/error.h"
#include "tensor/memory.h"

namespace hourglass::internal {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kNamedTensors = 3;  // in the error about too little memory

std::size_t bytes_of(const Var& x) {
  const std::size_t bytes = static_cast<std::size_t>(x.elements()) * size_of(x.dtype());
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

class Planner {
 public:
  Planner(std::vector<Instruction> instructions, const Request& request) : kept_(request.kept()) {
    plan_.instructions = std::move(instructions);
    for (std::size_t i = 0; i < request.inputs.size(); ++i) {
      input_index_[request.inputs[i]] = i;
    }
    for (const Instruction& instruction : plan_.instructions) {
      for (const Read& read : instruction.reads) count_reader(read.value);
    }
    for (const Var& output : kept_) count_reader(storage_of(output));
    for (std::size_t i = 0; i < request.outputs.size(); ++i) {
      output_index_.insert(storage_of(request.outputs[i]), i);
    }
    for (const Update& update : request.updates) {
      target_.insert(storage_of(update.value), update.parameter);
    }
    find_gate(request.watch);
  }

  Plan run() {
    for (std::size_t k = 0; k < plan_.instructions.size(); ++k) {
      const Instruction& instruction = plan_.instructions[k];
      const LoopUses uses(instruction);
      for (std::size_t i = 0; i < instruction.outputs.size(); ++i) place(k, i, uses);
      for (const Read& read : instruction.reads) release(k, read.value);
      // What nobody reads (an `after` waits for it) is written and let go.
      for (const Var& output : instruction.outputs) {
        int& readers = readers_[output];
        if (readers > 0) continue;
        readers = 1;
        release(k, output);
      }
    }
    for (const Var& k : kept_) end_buffer(storage_of(k), plan_.instructions.size());
    lay_out_arena();
    for (const Var& k : kept_) {
      const Place place = plan_.places.at(storage_of(k));
      plan_.places[k] = place;
    }
    return std::move(plan_);
  }

 private:
  void count_reader(const Var& value) {
    ++readers_[value];
    if (is_leaf(value)) place_leaf(value);
  }

  void place_leaf(const Var& node) {
    Place& place = plan_.places[node];
    place.leaf = node.node();
    place.kind = Place::Kind::kLeaf;
    if (!is_input(node)) return;
    place.kind = Place::Kind::kInput;
    place.index = input_index_.at(node);
  }

  void find_gate(const std::vector<Var>& watch) {
    VarSet watched;
    for (const Var& term : watch) watched.insert(storage_of(term));
    for (std::size_t k = 0; k < plan_.instructions.size(); ++k) {
      for (const Var& output : plan_.instructions[k].outputs) {
        if (watched.contains(output)) plan_.gate = k + 1;
      }
    }
  }

  void place(std::size_t index, std::size_t output, const LoopUses& uses) {
    const Instruction& instruction = plan_.instructions[index];
    const Var& node = instruction.outputs[output];
    Place place;
    // A sum is known when the loop ends: it is never written over what the loop reads.
    const bool by_element = instruction.loop && node.elements() == instruction.elements;
    if (const Var* parameter = by_element ? in_place(index, output, uses) : nullptr) {
      place.kind = Place::Kind::kLeaf;
      place.leaf = parameter->node();
    } else if (const std::size_t* at = output_index_.find(node)) {
      place.kind = Place::Kind::kOutput;
      place.index = *at;
      plan_.output_bytes += bytes_of(node);
      returned_.push_back(node);
    } else if (const Var* over = by_element ? overwritable(instruction, output, uses) : nullptr) {
      place.index = plan_.places.at(*over).index;
      owners_[place.index] = node;
    } else {
      place.index = buffers_.size();
      buffers_.push_back({bytes_of(node), index, index});
      owners_.push_back(node);
    }
    plan_.places[node] = place;
  }

  void lay_out_arena() {
    const ArenaLayout layout = lay_out(buffers_);
    for (Place& place : plan_.places.values()) {
      if (place.kind == Place::Kind::kArena) place.offset = layout.offsets[place.index];
    }
    plan_.arena_bytes = layout.bytes;
    plan_.alive_bytes = layout.alive;
    plan_.worst = layout.worst;
    VarPointers alive;
    for (std::size_t b = 0; b < buffers_.size(); ++b) {
      if (buffers_[b].first > layout.worst || layout.worst > buffers_[b].last) continue;
      alive.push_back(&owners_[b]);
    }
    for (const Var& output : returned_) alive.push_back(&output);
    // The largest; of those of one size the first.
    while (!alive.empty() && plan_.largest.size() < kNamedTensors) {
      const auto largest =
          std::max_element(alive.begin(), alive.end(),
                           [](const Var* a, const Var* b) { return bytes_of(*a) < bytes_of(*b); });
      plan_.largest.push_back(**largest);
      alive.erase(largest);
    }
  }

  // The parameter whose storage a loop may write its new value into: every read of the old value
  // that is still to come is a read of this loop, not after the writing step.
  const Var* in_place(std::size_t index, std::size_t output, const LoopUses& uses) const {
    const Instruction& loop = plan_.instructions[index];
    const Var* parameter = target_.find(loop.outputs[output]);
    if (!parameter || index < plan_.gate) return nullptr;
    const int* left = readers_.find(*parameter);
    if (!left || *left == 0) return parameter;
    for (std::size_t i = 0; i < loop.reads.size(); ++i) {
      if (loop.reads[i].value.same(*parameter)) {
        return ends_at(loop, i, output, uses) ? parameter : nullptr;
      }
    }
    return nullptr;
  }

  // Whether read i of the loop, and every other of the same value, is full and not needed once the
  // output is written.
  bool ends_at(const Instruction& loop, std::size_t i, std::size_t output,
               const LoopUses& uses) const {
    const Var& value = loop.reads[i].value;
    const LoopUses::Value& use = uses.of_read(i);
    return size_of(value.dtype()) == size_of(loop.outputs[output].dtype()) && use.full &&
           readers_.at(value) == use.reads && use.last_step <= uses.writer(output);
  }

  // A read in the arena that ends here and has the output's size.
  const Var* overwritable(const Instruction& loop, std::size_t output, const LoopUses& uses) const {
    for (std::size_t i = 0; i < loop.reads.size(); ++i) {
      const Var& read = loop.reads[i].value;
      if (owns_buffer(read) && ends_at(loop, i, output, uses)) return &read;
    }
    return nullptr;
  }

  void release(std::size_t index, const Var& node) {
    if (--readers_.at(node) == 0) end_buffer(node, index);
  }

  // Whether it is in the arena, and nothing has been written over it.
  bool owns_buffer(const Var& node) const {
    const Place& place = plan_.places.at(node);
    return place.kind == Place::Kind::kArena && owners_[place.index].same(node);
  }

  void end_buffer(const Var& node, std::size_t index) {
    if (owns_buffer(node)) buffers_[plan_.places.at(node).index].last = index;
  }

  std::vector<Var> kept_;
  VarMap<std::size_t> input_index_;
  VarMap<std::size_t> output_index_;  // of the first output that has the value
  VarMap<Var> target_;                // of a new value: the parameter
  VarMap<int> readers_;               // reads still to come
  std::vector<Buffer> buffers_;
  std::vector<Var> owners_;    // the last node in each buffer
  std::vector<Var> returned_;  // computed in an output's tensor
  Plan plan_;
};

}  // namespace

Plan lay_out(std::vector<Instruction> instructions, const Request& request,
             std::size_t memory_limit) {
  Plan plan = Planner(std::move(instructions), request).run();
  std::vector<Needed> largest;
  for (const Var& x : plan.largest) {
    largest.push_back(
        {fmt::format("{} {} {}", x.op().name, name_of(x.dtype()), to_string(x.shape())),
         bytes_of(x)});
  }
  check_memory("compile", "buffers", plan.arena_bytes + plan.output_bytes, largest, memory_limit);
  return plan;
}

}  // namespace hourglass::internal

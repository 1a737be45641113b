#include "autograd/compile/plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/compile/arena.h"
#include "autograd/compile/loop.h"
#include "autograd/compile/schedule.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "tensor/error.h"
#include "tensor/memory.h"

namespace hourglass {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kNamedTensors = 3;  // in the error about too little memory

std::size_t bytes_of(const Var& x) {
  const std::size_t bytes = static_cast<std::size_t>(x.elements()) * size_of(x.dtype());
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

class Planner {
 public:
  explicit Planner(const PlanRequest& request) : kept_(request.outputs) {
    for (const Update& update : request.updates) kept_.push_back(update.value);
    kept_.insert(kept_.end(), request.watch.begin(), request.watch.end());
    const std::vector<Var> order = ancestors(kept_);
    for (std::size_t i = 0; i < request.inputs.size(); ++i) {
      input_index_[request.inputs[i].node()] = i;
    }
    for (const Var& node : order) {
      if (is_leaf(node)) place_leaf(node);
    }
    plan_.instructions = schedule(fuse(order, kept_), request.updates, request.watch);
    for (const Instruction& instruction : plan_.instructions) {
      for (const Read& read : instruction.reads) ++readers_[read.value.node()];
    }
    for (const Var& output : kept_) ++readers_[storage_of(output).node()];
    for (const Update& update : request.updates) {
      target_.emplace(storage_of(update.value).node(), update.parameter.node());
    }
    find_gate(request.watch);
  }

  Plan run() {
    for (std::size_t k = 0; k < plan_.instructions.size(); ++k) {
      const Instruction& instruction = plan_.instructions[k];
      for (const Var& output : instruction.outputs) place(k, output);
      for (const Read& read : instruction.reads) release(k, read.value.node());
      // What nobody reads (an `after` waits for it) is written and let go.
      for (const Var& output : instruction.outputs) {
        int& readers = readers_[output.node()];
        if (readers > 0) continue;
        readers = 1;
        release(k, output.node());
      }
    }
    for (const auto& [node, buffer] : live_) buffers_[buffer].last = plan_.instructions.size();
    lay_out_arena();
    for (const Var& k : kept_) plan_.places[k.node()] = plan_.places.at(storage_of(k).node());
    return std::move(plan_);
  }

 private:
  void place_leaf(const Var& node) {
    Place& place = plan_.places[node.node()];
    place.leaf = node.node();
    place.kind = Place::Kind::kLeaf;
    if (!is_input(node)) return;
    const auto found = input_index_.find(node.node());
    if (found == input_index_.end()) {
      throw Error(fmt::format("compile: an input is not listed: {}{}{} {}", node.label(),
                              node.label().empty() ? "" : "=", name_of(node.dtype()),
                              to_string(node.shape())));
    }
    place.kind = Place::Kind::kInput;
    place.index = found->second;
  }

  void find_gate(const std::vector<Var>& watch) {
    for (const Var& term : watch) {
      for (std::size_t k = 0; k < plan_.instructions.size(); ++k) {
        for (const Var& output : plan_.instructions[k].outputs) {
          if (output.same(storage_of(term))) plan_.gate = std::max(plan_.gate, k + 1);
        }
      }
    }
  }

  void place(std::size_t index, const Var& node) {
    const Instruction& instruction = plan_.instructions[index];
    Place place;
    // A sum is known when the loop ends: it is never written over what the loop reads.
    const bool by_element = instruction.loop && node.elements() == instruction.elements;
    if (const Node* parameter = by_element ? in_place(index, node) : nullptr) {
      place.kind = Place::Kind::kLeaf;
      place.leaf = parameter;
    } else if (const Node* over = by_element ? overwritable(instruction, node) : nullptr) {
      const std::size_t buffer = live_.at(over);
      live_.erase(over);
      live_[node.node()] = buffer_of_[node.node()] = buffer;
      owners_[buffer] = node;
    } else {
      live_[node.node()] = buffer_of_[node.node()] = buffers_.size();
      buffers_.push_back({bytes_of(node), index, index});
      owners_.push_back(node);
    }
    plan_.places[node.node()] = place;
  }

  void lay_out_arena() {
    const ArenaLayout layout = lay_out(buffers_);
    for (const auto& [node, buffer] : buffer_of_) {
      plan_.places.at(node).offset = layout.offsets[buffer];
    }
    plan_.arena_bytes = layout.bytes;
    plan_.alive_bytes = layout.alive;
    plan_.worst = layout.worst;
    std::vector<std::size_t> alive;
    for (std::size_t b = 0; b < buffers_.size(); ++b) {
      if (buffers_[b].first <= layout.worst && layout.worst <= buffers_[b].last) alive.push_back(b);
    }
    std::stable_sort(alive.begin(), alive.end(), [&](std::size_t a, std::size_t b) {
      return buffers_[a].bytes > buffers_[b].bytes;
    });
    alive.resize(std::min<std::size_t>(alive.size(), kNamedTensors));
    for (std::size_t b : alive) plan_.largest.push_back(owners_[b]);
  }

  // The parameter whose storage a loop may write its new value into: every read of the old value
  // that is still to come is a read of this loop, not after the writing node.
  const Node* in_place(std::size_t index, const Var& node) const {
    const auto found = target_.find(node.node());
    const Instruction& loop = plan_.instructions[index];
    if (found == target_.end() || !loop.loop || index < plan_.gate) return nullptr;
    const auto left = readers_.find(found->second);
    if (left == readers_.end() || left->second == 0) return found->second;
    for (std::size_t i = 0; i < loop.reads.size(); ++i) {
      if (loop.reads[i].value.node() == found->second) {
        return ends_at(loop, i, node) ? found->second : nullptr;
      }
    }
    return nullptr;
  }

  // Whether read i of the loop, and every other of the same value, is full and not needed after
  // `node` is written.
  bool ends_at(const Instruction& loop, std::size_t i, const Var& node) const {
    const Var& value = loop.reads[i].value;
    if (size_of(value.dtype()) != size_of(node.dtype())) return false;
    int reads = 0;
    for (const Read& read : loop.reads) {
      if (!read.value.same(value)) continue;
      ++reads;
      if (read.pattern != Pattern::kFull) return false;
    }
    const auto writer =
        std::find_if(loop.steps.begin(), loop.steps.end(), [&](const LoopStep& step) {
          const auto is_node = [&](const Var& v) { return v.same(node); };
          return is_node(step.nodes.back()) ||
                 std::any_of(step.also.begin(), step.also.end(), is_node);
        });
    return readers_.at(value.node()) == reads &&
           LoopRunner::last_use(loop, i) <= writer - loop.steps.begin();
  }

  // A read in the arena that ends here and has the output's size.
  const Node* overwritable(const Instruction& loop, const Var& node) const {
    for (std::size_t i = 0; i < loop.reads.size(); ++i) {
      const Node* r = loop.reads[i].value.node();
      if (live_.count(r) && ends_at(loop, i, node)) return r;
    }
    return nullptr;
  }

  void release(std::size_t index, const Node* node) {
    if (--readers_.at(node) > 0) return;
    const auto live = live_.find(node);
    if (live == live_.end()) return;
    buffers_[live->second].last = index;
    live_.erase(live);
  }

  std::vector<Var> kept_;
  std::unordered_map<const Node*, std::size_t> input_index_;
  std::unordered_map<const Node*, const Node*> target_;     // of a new value: the parameter
  std::unordered_map<const Node*, int> readers_;            // reads still to come
  std::unordered_map<const Node*, std::size_t> live_;       // nodes that hold a buffer now
  std::unordered_map<const Node*, std::size_t> buffer_of_;  // and that ever held one
  std::vector<Buffer> buffers_;
  std::vector<Var> owners_;  // the last node in each buffer
  Plan plan_;
};

}  // namespace

Plan make_plan(const PlanRequest& request) {
  Plan plan = Planner(request).run();
  std::vector<Needed> largest;
  for (const Var& x : plan.largest) {
    largest.push_back(
        {fmt::format("{} {} {}", x.op().name, name_of(x.dtype()), to_string(x.shape())),
         bytes_of(x)});
  }
  check_memory("compile", "buffers", plan.arena_bytes, request.memory_limit, largest);
  return plan;
}

}  // namespace hourglass

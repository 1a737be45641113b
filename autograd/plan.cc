#include "autograd/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "autograd/graph.h"
#include "autograd/loop.h"
#include "autograd/node.h"
#include "autograd/op.h"
#include "autograd/schedule.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t bytes_of(const Var& x) {
  const std::size_t bytes = static_cast<std::size_t>(x.elements()) * size_of(x.dtype());
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Free ranges of the arena by offset; neighbours are joined when memory comes back.
class Arena {
 public:
  // The smallest free range that fits, else the end of the arena grows.
  std::size_t take(std::size_t bytes) {
    auto best = free_.end();
    for (auto range = free_.begin(); range != free_.end(); ++range) {
      if (range->second >= bytes && (best == free_.end() || range->second < best->second))
        best = range;
    }
    if (best == free_.end()) return grow(bytes);
    const auto [offset, size] = *best;
    free_.erase(best);
    if (size > bytes) free_[offset + bytes] = size - bytes;
    return offset;
  }

  void give(std::size_t offset, std::size_t bytes) {
    if (bytes == 0) return;
    auto range = free_.emplace(offset, bytes).first;
    if (const auto next = std::next(range); next != free_.end() && offset + bytes == next->first) {
      range->second += next->second;
      free_.erase(next);
    }
    if (range != free_.begin()) {
      if (const auto before = std::prev(range); before->first + before->second == offset) {
        before->second += range->second;
        free_.erase(range);
      }
    }
  }

  std::size_t size() const { return size_; }

 private:
  std::size_t grow(std::size_t bytes) {
    std::size_t offset = size_;
    if (!free_.empty()) {
      const auto last = std::prev(free_.end());
      if (last->first + last->second == size_) {
        offset = last->first;
        free_.erase(last);
      }
    }
    size_ = offset + bytes;
    return offset;
  }

  std::map<std::size_t, std::size_t> free_;
  std::size_t size_ = 0;
};

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
      for (const Read& read : instruction.reads) release(read.value.node());
      // What is only waited for (by after) is written and let go.
      for (const Var& output : instruction.outputs) {
        int& readers = readers_[output.node()];
        if (readers > 0) continue;
        readers = 1;
        release(output.node());
      }
    }
    for (const Var& k : kept_) plan_.places[k.node()] = plan_.places.at(storage_of(k).node());
    plan_.arena_bytes = arena_.size();
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
    if (const Node* parameter = in_place(index, node)) {
      place.kind = Place::Kind::kLeaf;
      place.leaf = parameter;
    } else if (const Node* over = instruction.loop ? overwritable(instruction, node) : nullptr) {
      place.offset = plan_.places.at(over).offset;
      live_.erase(over);
      live_[node.node()] = bytes_of(node);
    } else {
      place.offset = arena_.take(bytes_of(node));
      live_[node.node()] = bytes_of(node);
    }
    plan_.places[node.node()] = place;
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

  void release(const Node* node) {
    if (--readers_.at(node) > 0) return;
    const auto live = live_.find(node);
    if (live == live_.end()) return;
    arena_.give(plan_.places.at(node).offset, live->second);
    live_.erase(live);
  }

  std::vector<Var> kept_;
  std::unordered_map<const Node*, std::size_t> input_index_;
  std::unordered_map<const Node*, const Node*> target_;  // of a new value: the parameter
  std::unordered_map<const Node*, int> readers_;         // reads still to come
  std::unordered_map<const Node*, std::size_t> live_;    // nodes in the arena, with their bytes
  Arena arena_;
  Plan plan_;
};

}  // namespace

Plan make_plan(const PlanRequest& request) { return Planner(request).run(); }

}  // namespace hourglass

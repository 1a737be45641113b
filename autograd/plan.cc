#include "autograd/plan.h"

#include <fmt/core.h>

#include <map>

#include "autograd/graph.h"
#include "autograd/node.h"
#include "autograd/op.h"
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

// Nodes whose bytes are those of their first input.
bool renames(const Var& x) { return x.op().kernel == copy_kernel; }

class Planner {
 public:
  Planner(const std::vector<Var>& kept, const std::vector<Var>& inputs) : order_(ancestors(kept)) {
    for (std::size_t i = 0; i < inputs.size(); ++i) input_index_[inputs[i].node()] = i;
    for (const Var& node : order_) {
      for (const Var& input : node.inputs()) ++readers_[root(input)];
      if (renames(node)) root_[node.node()] = root(node.inputs()[0]);
    }
    for (const Var& output : kept) ++readers_[root(output)];
  }

  Plan run() {
    for (const Var& node : order_) {
      if (is_leaf(node)) {
        place_leaf(node);
      } else if (renames(node)) {
        plan_.places[node.node()] = plan_.places.at(root(node));
        release_inputs(node);
      } else {
        place(node);
      }
    }
    plan_.arena_bytes = arena_.size();
    return std::move(plan_);
  }

 private:
  const Node* root(const Var& x) const {
    const auto found = root_.find(x.node());
    return found == root_.end() ? x.node() : found->second;
  }

  void place_leaf(const Var& node) {
    Place& place = plan_.places[node.node()];
    place.leaf = node.node();
    if (!is_input(node)) {
      place.kind = Place::Kind::kParameter;
      return;
    }
    const auto found = input_index_.find(node.node());
    if (found == input_index_.end()) {
      throw Error(fmt::format("compile: an input is not listed: {}{}{} {}", node.label(),
                              node.label().empty() ? "" : "=", name_of(node.dtype()),
                              to_string(node.shape())));
    }
    place.kind = Place::Kind::kInput;
    place.index = found->second;
  }

  void place(const Var& node) {
    Place place;
    const Node* over = overwritable(node);
    if (over) {
      place.offset = plan_.places.at(over).offset;
      live_.erase(over);
    } else {
      place.offset = arena_.take(bytes_of(node));
    }
    plan_.places[node.node()] = place;
    live_[node.node()] = bytes_of(node);
    plan_.instructions.push_back(node);
    release_inputs(node);
  }

  // An elementwise op may write over an input of the same size whose last reader it is.
  const Node* overwritable(const Var& node) const {
    if (!node.op().is_lane()) return nullptr;
    for (const Var& input : node.inputs()) {
      const Node* r = root(input);
      const auto live = live_.find(r);
      if (live == live_.end() || live->second != bytes_of(node)) continue;
      int reads = 0;
      for (const Var& other : node.inputs()) reads += root(other) == r;
      if (readers_.at(r) == reads) return r;
    }
    return nullptr;
  }

  void release_inputs(const Var& node) {
    for (const Var& input : node.inputs()) {
      const Node* r = root(input);
      // A renaming node passes its own readers on to the root, so its read is the only one that
      // ends here.
      if (--readers_.at(r) > 0) continue;
      const auto live = live_.find(r);
      if (live == live_.end()) continue;
      arena_.give(plan_.places.at(r).offset, live->second);
      live_.erase(live);
    }
  }

  std::vector<Var> order_;
  std::unordered_map<const Node*, std::size_t> input_index_;
  std::unordered_map<const Node*, const Node*> root_;  // of renaming nodes
  std::unordered_map<const Node*, int> readers_;       // of roots, still to come
  std::unordered_map<const Node*, std::size_t> live_;  // roots in the arena, with their bytes
  Arena arena_;
  Plan plan_;
};

std::string place_text(const Place& place) {
  switch (place.kind) {
    case Place::Kind::kArena:
      return fmt::format("@{}", place.offset);
    case Place::Kind::kInput:
      return fmt::format("input {}", place.index);
    case Place::Kind::kParameter:
      break;
  }
  return place.leaf->label.empty() ? std::string(place.leaf->op->name) : place.leaf->label;
}

}  // namespace

Plan make_plan(const std::vector<Var>& kept, const std::vector<Var>& inputs) {
  return Planner(kept, inputs).run();
}

std::string to_string(const Plan& plan) {
  std::string text;
  for (const Var& node : plan.instructions) {
    text += fmt::format("{:<14} {} {:<18} -> {:<10}", node.op().name, name_of(node.dtype()),
                        to_string(node.shape()), place_text(plan.places.at(node.node())));
    for (const Var& input : node.inputs()) {
      text += " " + place_text(plan.places.at(input.node()));
    }
    if (!node.scope().empty()) text += "   # " + node.scope();
    text += "\n";
  }
  return text + fmt::format("arena {} bytes\n", plan.arena_bytes);
}

}  // namespace hourglass

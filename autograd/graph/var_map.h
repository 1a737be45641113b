#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// A set of nodes: nothing depends on addresses, and where ids lie close together a member costs some
// bits. It holds ids, not nodes, and an id is never used again, so a node may be freed meanwhile.
class VarSet {
 public:
  VarSet() = default;
  explicit VarSet(const std::vector<Var>& nodes) {
    for (const Var& x : nodes) insert(x);
  }

  bool contains(const Var& x) const {
    const Place at(x.id());
    if (lines_.empty()) return false;
    const Line& line = lines_[find(at.line)];
    return line.name == at.line && (line.words[at.word] & at.bit) != 0;
  }
  bool insert(const Var& x);  // false if it is there already

  // How often anything was added to any set or map of this thread: what walks do grows with it.
  static std::uint64_t additions();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  // A bit for each of some ids, in a line of the cache: a walk meets nodes that were made one after
  // another.
  static constexpr std::size_t kWords = 7;
  struct alignas(64) Line {
    std::uint64_t name = 0;  // 0 where it is free
    std::uint64_t words[kWords] = {};
  };
  struct Place {
    explicit Place(std::uint64_t id)
        : line(id / (64 * kWords) + 1), word(id / 64 % kWords), bit(std::uint64_t{1} << id % 64) {}
    std::uint64_t line;
    std::size_t word;
    std::uint64_t bit;
  };

  // Where the line of this name is, or is to be: names that lie close together never meet, and where
  // others do, they part by what they differ in.
  std::size_t find(std::uint64_t name) const {
    const std::size_t mask = lines_.size() - 1;
    const std::uint64_t step = ((name >> shift_) * 0x9e3779b97f4a7c15u >> 32) | 1;
    std::size_t at = name & mask;
    while (lines_[at].name != name && lines_[at].name != 0) at = (at + step) & mask;
    return at;
  }
  void grow();

  std::vector<Line> lines_;           // at least twice as many as are taken
  std::size_t size_ = 0, taken_ = 0;  // members, lines
  int shift_ = 0;                     // the bits that number the lines
};

// Nodes numbered in the order in which they came in; a node costs some 20 bytes. It holds ids, as a
// VarSet does.
class VarIndex {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Its number: how many others came in before it; kNone for a node that is not there.
  std::size_t find(const Var& x) const {
    const std::uint64_t id = x.id();
    if (slots_.empty()) return kNone;
    for (std::size_t slot = slot_of(id);; slot = next(slot)) {
      if (slots_[slot] == 0) return kNone;
      if (ids_[slots_[slot] - 1] == id) return slots_[slot] - 1;
    }
  }
  bool contains(const Var& x) const { return find(x) != kNone; }
  std::pair<std::size_t, bool> add(const Var& x);  // its number, and whether it is new

 private:
  // A walk meets nodes that were made one after another: their slots share a cache line. Lines are
  // spread evenly by the golden ratio, which also says where in its line an id lies, so that ids
  // of one remainder do not meet.
  static constexpr std::uint64_t kLine = 16;  // slots
  std::size_t slot_of(std::uint64_t id) const {
    const std::uint64_t hash = (id / kLine) * 0x9e3779b97f4a7c15u;
    const std::uint64_t at = (id ^ hash >> 20) % kLine;
    return static_cast<std::size_t>((hash >> shift_) / kLine * kLine + at);
  }
  // In the line after, and one further in it: every slot is met in the end.
  std::size_t next(std::size_t slot) const { return (slot + kLine + 1) & (slots_.size() - 1); }
  void grow();

  std::vector<std::uint64_t> ids_;
  std::vector<std::uint32_t> slots_;  // number + 1, 0 where free: at least twice as many as ids
  int shift_ = 64;                    // leaves as many bits of a hash as number the slots
};

// A value for each of some nodes. References and pointers to values last until the next insertion,
// as those into a vector do.
template <class T>
class VarMap {
 public:
  bool contains(const Var& x) const { return keys_.contains(x); }
  T* find(const Var& x) {  // nullptr for a node that is not there
    const std::size_t number = keys_.find(x);
    return number == VarIndex::kNone ? nullptr : &values_[number];
  }
  const T* find(const Var& x) const { return const_cast<VarMap*>(this)->find(x); }
  const T& at(const Var& x) const { return values_.at(keys_.find(x)); }  // throws where it is not
  T& at(const Var& x) { return values_.at(keys_.find(x)); }
  T& operator[](const Var& x) {  // T() where it was not there
    const auto [number, is_new] = keys_.add(x);
    return is_new ? values_.emplace_back() : values_[number];
  }
  bool insert(const Var& x, T value) {  // false, and no change, if it is there already
    const bool is_new = keys_.add(x).second;
    if (is_new) values_.push_back(std::move(value));
    return is_new;
  }

  std::vector<T>& values() { return values_; }  // in the order in which they came in
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }

 private:
  VarIndex keys_;
  std::vector<T> values_;
};

// A node that a walk has found, and its id, so that nothing has to be looked up far away again.
struct FoundVar {
  explicit FoundVar(const Var& x) : id(x.id()), node(&x) {}
  std::uint64_t id;
  const Var* node;
};
using VarPointers = std::vector<const Var*>;
// Different nodes in the order of their ids, in linear time where these are close together.
VarPointers sorted_by_id(std::vector<FoundVar> nodes);

}  // namespace hourglass

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// A set of nodes, numbered in the order in which they came in: nothing depends on addresses, and a
// member costs some 20 bytes. It holds ids, not nodes, and an id is never used again, so a node may
// be freed meanwhile.
class VarSet {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  VarSet() = default;
  explicit VarSet(const std::vector<Var>& nodes) {
    for (const Var& x : nodes) insert(x);
  }

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
  bool insert(const Var& x) { return add(x).second; }

  // How often anything was added to any set or map of this thread: what walks do grows with it.
  static std::uint64_t additions();

  std::size_t size() const { return ids_.size(); }
  bool empty() const { return ids_.empty(); }

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
  void place(std::size_t number);
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
    return number == VarSet::kNone ? nullptr : &values_[number];
  }
  const T* find(const Var& x) const { return const_cast<VarMap*>(this)->find(x); }
  const T& at(const Var& x) const { return values_.at(keys_.find(x)); }  // throws where it is not
  T& at(const Var& x) { return values_.at(keys_.find(x)); }
  T& operator[](const Var& x) {  // T() where it was not there
    const auto [number, is_new] = keys_.add(x);
    return is_new ? values_.emplace_back() : values_[number];
  }
  bool insert(const Var& x, T value) {  // false, and no change, if it is there already
    const bool is_new = keys_.insert(x);
    if (is_new) values_.push_back(std::move(value));
    return is_new;
  }

  std::vector<T>& values() { return values_; }  // in the order in which they came in
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }

 private:
  VarSet keys_;
  std::vector<T> values_;
};

// A node that a walk has found, and its id, so that nothing has to be looked up far away again.
struct FoundVar {
  explicit FoundVar(const Var& x) : id(x.id()), node(&x) {}
  std::uint64_t id;
  const Var* node;
};
// Different nodes in the order of their ids, in linear time where these are close together.
std::vector<const Var*> sorted_by_id(std::vector<FoundVar> nodes);

}  // namespace hourglass

#include "autograd/graph/var_map.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace hourglass {
namespace {

constexpr std::size_t kFirstLines = 2, kFirstSlots = 16;
constexpr std::uint64_t kSparse = 8;  // ids a node: beyond, places for all of them would not pay

// Found without a call, as most of a shared library's are not: walks count in their innermost loops.
[[gnu::tls_model("initial-exec")]] thread_local std::uint64_t added = 0;

}  // namespace

std::uint64_t VarSet::additions() { return added; }

bool VarSet::insert(const Var& x) {
  ++added;
  const Place at(x.id());
  if (2 * (taken_ + 1) > lines_.size()) grow();
  Line& line = lines_[find(at.line)];
  if (line.name == 0) {
    line.name = at.line;
    ++taken_;
  }
  std::uint64_t& word = line.words[at.word];
  if ((word & at.bit) != 0) return false;
  word |= at.bit;
  ++size_;
  return true;
}

void VarSet::grow() {
  const std::vector<Line> before =
      std::exchange(lines_, std::vector<Line>(lines_.empty() ? kFirstLines : 2 * lines_.size()));
  shift_ = std::countr_zero(lines_.size());
  for (const Line& line : before) {
    if (line.name != 0) lines_[find(line.name)] = line;
  }
}

std::pair<std::size_t, bool> VarIndex::add(const Var& x) {
  ++added;
  const std::uint64_t id = x.id();
  if (2 * (ids_.size() + 1) > slots_.size()) grow();
  std::size_t slot = slot_of(id);
  for (; slots_[slot] != 0; slot = next(slot)) {
    if (ids_[slots_[slot] - 1] == id) return {slots_[slot] - 1, false};
  }
  ids_.push_back(id);
  slots_[slot] = static_cast<std::uint32_t>(ids_.size());
  return {ids_.size() - 1, true};
}

void VarIndex::grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : 2 * slots_.size(), 0);
  shift_ = 64 - std::countr_zero(slots_.size());
  for (std::size_t number = 0; number < ids_.size(); ++number) {
    std::size_t slot = slot_of(ids_[number]);
    while (slots_[slot] != 0) slot = next(slot);
    slots_[slot] = static_cast<std::uint32_t>(number + 1);
  }
}

VarPointers sorted_by_id(std::vector<FoundVar> nodes) {
  const auto before = [](const FoundVar& a, const FoundVar& b) { return a.id < b.id; };
  const auto [first, last] = std::minmax_element(nodes.begin(), nodes.end(), before);
  if (first == nodes.end()) return {};
  const std::uint64_t least = first->id, range = last->id - least + 1;
  VarPointers sorted;
  if (range > kSparse * nodes.size()) {
    std::sort(nodes.begin(), nodes.end(), before);
    for (const FoundVar& found : nodes) sorted.push_back(found.node);
  } else {
    sorted.resize(range);
    for (const FoundVar& found : nodes) sorted[found.id - least] = found.node;
    std::erase(sorted, nullptr);
  }
  return sorted;
}

}  // namespace hourglass

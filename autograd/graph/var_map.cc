#include "autograd/graph/var_map.h"

#include <bit>

namespace hourglass {
namespace {

constexpr std::size_t kFirstSlots = 16;

}  // namespace

std::pair<std::size_t, bool> VarSet::add(const Var& x) {
  if (const std::size_t number = find(x); number != kNone) return {number, false};
  ids_.push_back(x.id());
  if (2 * ids_.size() > slots_.size()) {
    grow();
  } else {
    place(ids_.size() - 1);
  }
  return {ids_.size() - 1, true};
}

void VarSet::place(std::size_t number) {
  std::size_t slot = slot_of(ids_[number]);
  while (slots_[slot] != 0) slot = next(slot);
  slots_[slot] = static_cast<std::uint32_t>(number + 1);
}

void VarSet::grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : 2 * slots_.size(), 0);
  shift_ = 64 - std::countr_zero(slots_.size());
  for (std::size_t number = 0; number < ids_.size(); ++number) place(number);
}

}  // namespace hourglass

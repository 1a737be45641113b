#include "autograd/compile/arena.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <queue>
#include <set>
#include <utility>

namespace hourglass::internal {
namespace {

// In other orders than that of time every pair of buffers is looked at: too slow for many thousand.
constexpr std::size_t kMostReordered = 1000;

// Free ranges of the arena; neighbours are joined when memory comes back.
class FreeRanges {
 public:
  // The smallest free range that fits, else the end of the arena grows.
  std::size_t take(std::size_t bytes) {
    const auto best = by_size_.lower_bound({bytes, 0});
    if (best == by_size_.end()) return grow(bytes);
    const auto [size, offset] = *best;
    remove(offset, size);
    if (size > bytes) add(offset + bytes, size - bytes);
    return offset;
  }

  void give(std::size_t offset, std::size_t bytes) {
    if (bytes == 0) return;
    const auto next = by_offset_.lower_bound(offset);
    if (next != by_offset_.begin()) {
      const auto [start, size] = *std::prev(next);
      if (start + size == offset) {
        remove(start, size);
        offset = start;
        bytes += size;
      }
    }
    if (next != by_offset_.end() && offset + bytes == next->first) {
      const std::size_t size = next->second;
      remove(next->first, size);
      bytes += size;
    }
    add(offset, bytes);
  }

  std::size_t size() const { return size_; }

 private:
  std::size_t grow(std::size_t bytes) {
    std::size_t offset = size_;
    if (!by_offset_.empty()) {
      const auto [start, size] = *std::prev(by_offset_.end());
      if (start + size == size_) {
        offset = start;
        remove(start, size);
      }
    }
    size_ = offset + bytes;
    return offset;
  }

  void add(std::size_t offset, std::size_t bytes) {
    by_offset_[offset] = bytes;
    by_size_.insert({bytes, offset});
  }
  void remove(std::size_t offset, std::size_t bytes) {
    by_offset_.erase(offset);
    by_size_.erase({bytes, offset});
  }

  std::map<std::size_t, std::size_t> by_offset_;
  std::set<std::pair<std::size_t, std::size_t>> by_size_;  // of equal ones the lowest first
  std::size_t size_ = 0;
};

// As they come, each into the smallest free range.
void place_in_time(const std::vector<Buffer>& buffers, ArenaLayout& layout) {
  using Ending = std::pair<std::size_t, std::size_t>;  // last instruction, buffer
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings;
  FreeRanges arena;
  std::size_t alive = 0;
  layout.offsets.resize(buffers.size());
  for (std::size_t b = 0; b < buffers.size(); ++b) {
    while (!endings.empty() && endings.top().first < buffers[b].first) {
      const std::size_t ended = endings.top().second;
      endings.pop();
      arena.give(layout.offsets[ended], buffers[ended].bytes);
      alive -= buffers[ended].bytes;
    }
    layout.offsets[b] = arena.take(buffers[b].bytes);
    endings.emplace(buffers[b].last, b);
    alive += buffers[b].bytes;
    if (alive <= layout.alive) continue;
    layout.alive = alive;
    layout.worst = buffers[b].first;
  }
  layout.bytes = arena.size();
}

// Each as low as it can lie, in the given order.
void place_in_order(const std::vector<Buffer>& buffers, const std::vector<std::size_t>& order,
                    ArenaLayout& layout) {
  layout.offsets.assign(buffers.size(), 0);
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t b : order) {
    std::size_t offset = 0;
    for (const std::size_t other : placed) {
      const bool meet =
          buffers[other].first <= buffers[b].last && buffers[b].first <= buffers[other].last;
      if (!meet) continue;
      if (offset + buffers[b].bytes <= layout.offsets[other]) break;
      offset = std::max(offset, layout.offsets[other] + buffers[other].bytes);
    }
    layout.offsets[b] = offset;
    layout.bytes = std::max(layout.bytes, offset + buffers[b].bytes);
    const auto after = std::upper_bound(
        placed.begin(), placed.end(), offset,
        [&](std::size_t o, std::size_t other) { return o < layout.offsets[other]; });
    placed.insert(after, b);
  }
}

// What comes first: the largest, the longest needed, or both at once.
std::vector<std::vector<std::size_t>> orders_of(const std::vector<Buffer>& buffers) {
  const auto size = [&](std::size_t b) { return static_cast<double>(buffers[b].bytes); };
  const auto time = [&](std::size_t b) {
    return static_cast<double>(buffers[b].last - buffers[b].first + 1);
  };
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::vector<std::size_t>> orders(3, order);
  const auto sort = [&](std::vector<std::size_t>& which, const auto& key) {
    std::stable_sort(which.begin(), which.end(),
                     [&](std::size_t a, std::size_t b) { return key(a) > key(b); });
  };
  sort(orders[0], size);
  sort(orders[1], time);
  sort(orders[2], [&](std::size_t b) { return size(b) * time(b); });
  return orders;
}

}  // namespace

ArenaLayout lay_out(const std::vector<Buffer>& buffers) {
  ArenaLayout best;
  place_in_time(buffers, best);
  if (best.bytes == best.alive || buffers.size() > kMostReordered) return best;
  for (const std::vector<std::size_t>& order : orders_of(buffers)) {
    ArenaLayout layout;
    place_in_order(buffers, order, layout);
    if (layout.bytes >= best.bytes) continue;
    best.offsets = std::move(layout.offsets);
    best.bytes = layout.bytes;
  }
  return best;
}

}  // namespace hourglass::internal

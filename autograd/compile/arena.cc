#include "autograd/compile/arena.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <queue>
#include <utility>

namespace hourglass {
namespace {

// In other orders than that of time every pair of buffers is looked at: too slow for many thousand.
constexpr std::size_t kMostReordered = 1000;

// Free ranges of the arena by offset; neighbours are joined when memory comes back.
class FreeRanges {
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

}  // namespace hourglass

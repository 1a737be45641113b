#include "tools/graph_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass::tools {
namespace {

constexpr double kAcross = 18, kDown = 30, kBend = 10;  // gaps, and the width of an arrow's bend
constexpr double kYielding = 0.05;                      // how much a leaf's wish counts
constexpr int kSweeps = 24;

using Arrow = std::pair<std::size_t, std::size_t>;

// A box, or a place where an arrow passes a layer.
struct Item {
  BoxSize size;
  std::size_t layer = 0;
  double x = 0;  // of its middle
  std::vector<std::size_t> above = {}, below = {};
};

class Layers {
 public:
  Layers(const std::vector<BoxSize>& sizes, const std::vector<Arrow>& arrows)
      : count_(sizes.size()) {
    for (const BoxSize& size : sizes) items_.push_back({.size = size});
    assign_layers(arrows);
    for (const Arrow& arrow : arrows) {
      chains_.push_back(chain(arrow));
      leads_up_.push_back(chains_.back().front() != arrow.first);
    }
    std::size_t deepest = 0;
    for (const Item& item : items_) deepest = std::max(deepest, item.layer);
    rows_.resize(deepest + 1);
    for (std::size_t i = 0; i < items_.size(); ++i) rows_[items_[i].layer].push_back(i);
  }

  GraphLayout laid_out() {
    for (std::vector<std::size_t>& row : rows_) pack(row);
    for (int sweep = 0; sweep < kSweeps; ++sweep) sort_rows(sweep % 2 == 0);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (std::vector<std::size_t>& row : rows_) settle(row);
    }
    return placed();
  }

 private:
  // Longest paths, over arrows that lead on; then leaves come down to the first that reads them.
  void assign_layers(const std::vector<Arrow>& arrows) {
    std::vector<Arrow> forward;
    for (const Arrow& arrow : arrows) {
      if (arrow.first < arrow.second) forward.push_back(arrow);
    }
    std::sort(forward.begin(), forward.end(),
              [](const Arrow& a, const Arrow& b) { return a.second < b.second; });
    std::vector<bool> reads(count_);
    for (const auto& [from, to] : forward) {
      items_[to].layer = std::max(items_[to].layer, items_[from].layer + 1);
      reads[to] = true;
    }
    for (std::size_t i = 0; i < count_; ++i) {
      if (reads[i]) continue;
      std::size_t first = 0;
      for (const auto& [from, to] : forward) {
        if (from == i) first = first == 0 ? items_[to].layer : std::min(first, items_[to].layer);
      }
      if (first > 0) items_[i].layer = first - 1;
    }
  }

  // The items that an arrow goes through, from the upper end to the lower.
  std::vector<std::size_t> chain(const Arrow& arrow) {
    auto [top, bottom] = arrow;
    if (items_[top].layer > items_[bottom].layer) std::swap(top, bottom);
    std::vector<std::size_t> through = {top};
    for (std::size_t layer = items_[top].layer + 1; layer < items_[bottom].layer; ++layer) {
      through.push_back(items_.size());
      items_.push_back({.size = {kBend, 0}, .layer = layer});
    }
    through.push_back(bottom);
    for (std::size_t i = 1; i < through.size(); ++i) {
      items_[through[i - 1]].below.push_back(through[i]);
      items_[through[i]].above.push_back(through[i - 1]);
    }
    return through;
  }

  double apart(std::size_t left, std::size_t right) const {
    return (items_[left].size.width + items_[right].size.width) / 2 + kAcross;
  }

  void pack(const std::vector<std::size_t>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      items_[row[i]].x = i == 0 ? 0 : items_[row[i - 1]].x + apart(row[i - 1], row[i]);
    }
    const double middle = (items_[row.front()].x + items_[row.back()].x) / 2;
    for (const std::size_t i : row) items_[i].x -= middle;
  }

  double mean(const std::vector<std::size_t>& neighbours, double otherwise) const {
    if (neighbours.empty()) return otherwise;
    double sum = 0;
    for (const std::size_t n : neighbours) sum += items_[n].x;
    return sum / static_cast<double>(neighbours.size());
  }

  void sort_rows(bool down) {
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      std::vector<std::size_t>& row = rows_[down ? k : rows_.size() - 1 - k];
      std::vector<std::pair<double, std::size_t>> order;
      for (const std::size_t i : row) {
        const Item& item = items_[i];
        const auto& first = down ? item.above : item.below;
        const auto& second = down ? item.below : item.above;
        order.emplace_back(mean(first.empty() ? second : first, item.x), i);
      }
      std::stable_sort(order.begin(), order.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = order[i].second;
      pack(row);
    }
  }

  double weight(std::size_t i) const { return items_[i].above.empty() ? kYielding : 1; }

  // The mean of its neighbours.
  double wish(std::size_t i) const {
    double sum = 0, weights = 0;
    for (const auto* side : {&items_[i].above, &items_[i].below}) {
      for (const std::size_t n : *side) {
        sum += weight(n) * items_[n].x;
        weights += weight(n);
      }
    }
    return weights > 0 ? sum / weights : items_[i].x;
  }

  // Each goes to the mean of its neighbours as far as those beside it allow, by the least squares of
  // what they miss; leaves yield. Isotonic regression: those that would overlap move as one.
  void settle(const std::vector<std::size_t>& row) {
    struct Block {
      double sum = 0, weight = 0;
      std::size_t count = 0;
      double mean() const { return sum / weight; }
    };
    std::vector<Block> blocks;
    std::vector<double> offsets;
    for (const std::size_t i : row) {
      const double before =
          offsets.empty() ? 0 : offsets.back() + apart(row[offsets.size() - 1], i);
      offsets.push_back(before);
      blocks.push_back({weight(i) * (wish(i) - before), weight(i), 1});
      while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
        const Block last = blocks.back();
        blocks.pop_back();
        blocks.back().sum += last.sum;
        blocks.back().weight += last.weight;
        blocks.back().count += last.count;
      }
    }
    std::size_t place = 0;
    for (const Block& block : blocks) {
      for (std::size_t k = 0; k < block.count; ++k, ++place) {
        items_[row[place]].x = block.mean() + offsets[place];
      }
    }
  }

  GraphLayout placed() const {
    GraphLayout layout;
    double least = items_[0].x;
    for (const Item& item : items_) least = std::min(least, item.x - item.size.width / 2);
    for (const Item& item : items_) {
      layout.width = std::max(layout.width, item.x - least + item.size.width / 2);
    }
    std::vector<double> tops, heights;
    for (const std::vector<std::size_t>& row : rows_) {
      double height = 0;
      for (const std::size_t i : row) height = std::max(height, items_[i].size.height);
      tops.push_back(layout.height);
      heights.push_back(height);
      layout.height += height + kDown;
    }
    layout.height -= kDown;
    const auto top = [&](const Item& item) {
      return tops[item.layer] + (heights[item.layer] - item.size.height) / 2;
    };
    for (std::size_t i = 0; i < count_; ++i) {
      const Item& item = items_[i];
      layout.corners.push_back({item.x - least - item.size.width / 2, top(item)});
    }
    for (std::size_t arrow = 0; arrow < chains_.size(); ++arrow) {
      const std::vector<std::size_t>& through = chains_[arrow];
      std::vector<Point> path;
      for (const std::size_t i : through) {
        const Item& item = items_[i];
        const double x = item.x - least, bottom = top(item) + item.size.height;
        if (i != through.front()) path.push_back({x, i < count_ ? top(item) : tops[item.layer]});
        if (i != through.back())
          path.push_back({x, i < count_ ? bottom : tops[item.layer] + heights[item.layer]});
      }
      if (leads_up_[arrow]) std::reverse(path.begin(), path.end());
      layout.paths.push_back(path);
    }
    return layout;
  }

  std::size_t count_;
  std::vector<Item> items_;
  std::vector<std::vector<std::size_t>> rows_, chains_;
  std::vector<bool> leads_up_;  // of each chain, whether its arrow does
};

}  // namespace

GraphLayout layered(const std::vector<BoxSize>& sizes, const std::vector<Arrow>& arrows) {
  if (sizes.empty()) return {};
  return Layers(sizes, arrows).laid_out();
}

}  // namespace hourglass::tools

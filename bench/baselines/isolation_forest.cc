#include "bench/baselines/isolation_forest.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "tensor/error.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

// Rows that a node still has to divide: [first, last) of the sample.
struct Pending {
  std::size_t node, first, last;
  int cuts;
};

struct Cut {
  std::int64_t column = -1;
  double place = 0;
};

// Some of the rows [N, D], in an order of their own.
class Sample {
 public:
  Sample(const Tensor& rows, std::vector<std::int32_t> ids)
      : x_(rows.data<double>()), width_(rows.shape()[1]), ids_(std::move(ids)) {}

  std::size_t size() const { return ids_.size(); }

  // By two draws of (0, 1): a column, or the first after it that is not constant there; column -1
  // where all are.
  Cut cut(const Pending& at, double draw_column, double draw_place) const {
    const auto start = static_cast<std::int64_t>(draw_column * static_cast<double>(width_));
    for (std::int64_t i = 0; i < width_; ++i) {
      const std::int64_t column = (start + i) % width_;
      double least = value(at.first, column), most = least;
      for (std::size_t k = at.first; k < at.last; ++k) {
        least = std::min(least, value(k, column));
        most = std::max(most, value(k, column));
      }
      const double place = least + draw_place * (most - least);
      if (least < most) return {column, std::min(place, std::nextafter(most, least))};
    }
    return {};
  }

  // Puts the rows up to the cut first; where the others begin.
  std::size_t divide(const Pending& at, const Cut& cut) {
    const auto begin = ids_.begin();
    const auto middle = std::partition(
        begin + static_cast<std::ptrdiff_t>(at.first), begin + static_cast<std::ptrdiff_t>(at.last),
        [&](std::int32_t row) { return x_[row * width_ + cut.column] <= cut.place; });
    return static_cast<std::size_t>(middle - begin);
  }

 private:
  double value(std::size_t k, std::int64_t column) const { return x_[ids_[k] * width_ + column]; }

  const double* x_;
  std::int64_t width_;
  std::vector<std::int32_t> ids_;
};

}  // namespace

double mean_path_length(std::int64_t n) {
  double harmonic = 0;
  for (std::int64_t i = 1; i < n; ++i) harmonic += 1 / static_cast<double>(i);
  return 2 * harmonic - 2 * static_cast<double>(n - 1) / static_cast<double>(n);
}

IsolationForest::IsolationForest(const Tensor& learnt_from, const IsolationForestOptions& options) {
  const std::int64_t n = learnt_from.shape()[0];
  if (learnt_from.shape().rank() != 2 || n < 2) {
    throw Error(fmt::format("isolation forest: expected two rows or more, [N, D]: got {}",
                            to_string(learnt_from.shape())));
  }
  const std::int64_t samples = std::min(options.samples, n);
  usual_ = mean_path_length(samples);
  const Key key = key_of(options.seed);
  for (int t = 0; t < options.trees; ++t) {
    const auto step = static_cast<std::uint32_t>(t);
    std::vector<std::int32_t> rows = permutation(key, "isolation forest: rows", step, n);
    rows.resize(static_cast<std::size_t>(samples));
    const Tensor draws =
        uniform(key, "isolation forest: cuts", step, Shape{2 * samples, 2}, 0, 1, DType::kF64);
    trees_.push_back(grow(learnt_from, std::move(rows), draws));
  }
}

IsolationForest::Tree IsolationForest::grow(const Tensor& rows, std::vector<std::int32_t> ids,
                                            const Tensor& draws) {
  Sample sample(rows, std::move(ids));
  const int most = static_cast<int>(std::ceil(std::log2(static_cast<double>(sample.size()))));
  Tree tree(1);
  std::vector<Pending> pending = {{0, 0, sample.size(), 0}};
  while (!pending.empty()) {
    const Pending at = pending.back();
    pending.pop_back();
    const auto count = static_cast<std::int64_t>(at.last - at.first);
    tree[at.node].depth = at.cuts + mean_path_length(count);
    if (count < 2 || at.cuts == most) continue;
    const auto node = static_cast<std::int64_t>(at.node);
    const Cut cut = sample.cut(at, draws.at(2 * node), draws.at(2 * node + 1));
    if (cut.column < 0) continue;
    const std::size_t border = sample.divide(at, cut);
    tree[at.node].column = cut.column;
    tree[at.node].cut = cut.place;
    tree[at.node].low = tree.size();
    pending.push_back({tree.size(), at.first, border, at.cuts + 1});
    pending.push_back({tree.size() + 1, border, at.last, at.cuts + 1});
    tree.resize(tree.size() + 2);
  }
  return tree;
}

std::vector<double> IsolationForest::operator()(const Tensor& rows) const {
  const std::int64_t n = rows.shape()[0], d = rows.shape()[1];
  std::vector<double> scores;
  for (std::int64_t i = 0; i < n; ++i) {
    const double* x = rows.data<double>() + i * d;
    double depth = 0;
    for (const Tree& tree : trees_) {
      const Node* node = tree.data();
      while (node->column >= 0)
        node = tree.data() + node->low + (x[node->column] <= node->cut ? 0 : 1);
      depth += node->depth;
    }
    scores.push_back(std::exp2(-depth / static_cast<double>(trees_.size()) / usual_));
  }
  return scores;
}

}  // namespace hourglass::bench

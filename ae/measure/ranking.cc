#include "ae/measure/ranking.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/error.h"

namespace hourglass::ae {
namespace {

// Positives and others that share one score, from the highest score down.
struct Tied {
  double positives = 0, others = 0;
};

std::vector<Tied> ties_down(const char* who, const std::vector<double>& scores,
                            const std::vector<bool>& positive) {
  if (scores.size() != positive.size()) {
    throw Error(fmt::format("{}: {} scores and {} labels", who, scores.size(), positive.size()));
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t i : order) {
    if (std::isfinite(scores[i])) continue;
    throw Error(fmt::format("{}: score {} is {}: expected finite numbers", who, i, scores[i]));
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<Tied> ties;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || scores[order[i]] != scores[order[i - 1]]) ties.emplace_back();
    (positive[order[i]] ? ties.back().positives : ties.back().others) += 1;
  }
  Tied all;
  for (const Tied& each : ties) {
    all.positives += each.positives;
    all.others += each.others;
  }
  if (all.positives > 0 && all.others > 0) return ties;
  throw Error(fmt::format("{}: needs examples of both classes: {} positive, {} others", who,
                          all.positives, all.others));
}

}  // namespace

double roc_auc(const std::vector<double>& scores, const std::vector<bool>& positive) {
  double above = 0, others = 0, pairs = 0;
  for (const Tied& each : ties_down("roc_auc", scores, positive)) {
    pairs += each.others * (above + each.positives / 2);
    above += each.positives;
    others += each.others;
  }
  return pairs / (above * others);
}

double average_precision(const std::vector<double>& scores, const std::vector<bool>& positive) {
  double found = 0, seen = 0, sum = 0;
  for (const Tied& each : ties_down("average_precision", scores, positive)) {
    found += each.positives;
    seen += each.positives + each.others;
    sum += each.positives * found / seen;
  }
  return sum / found;
}

double f1(const std::vector<double>& scores, const std::vector<bool>& positive, double threshold) {
  ties_down("f1", scores, positive);
  double hits = 0, false_alarms = 0, misses = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool taken = scores[i] > threshold;
    hits += taken && positive[i] ? 1 : 0;
    false_alarms += taken && !positive[i] ? 1 : 0;
    misses += !taken && positive[i] ? 1 : 0;
  }
  return 2 * hits / (2 * hits + false_alarms + misses);
}

double quantile(std::vector<double> numbers, double share) {
  if (numbers.empty()) throw Error("quantile: there are no numbers");
  if (!(share >= 0 && share <= 1)) {
    throw Error(fmt::format("quantile: expected 0 to 1: got {}", share));
  }
  std::sort(numbers.begin(), numbers.end());
  const double place = share * static_cast<double>(numbers.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, numbers.size() - 1);
  const double part = place - static_cast<double>(below);
  return numbers[below] + part * (numbers[above] - numbers[below]);
}

}  // namespace hourglass::ae

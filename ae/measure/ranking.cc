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

// Places from the highest score down, equal ones in their order.
std::vector<std::size_t> order_down(const char* who, const std::vector<double>& scores,
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
  const auto positives = std::count(positive.begin(), positive.end(), true);
  const auto others = static_cast<std::ptrdiff_t>(positive.size()) - positives;
  if (positives > 0 && others > 0) return order;
  throw Error(fmt::format("{}: needs examples of both classes: {} positive, {} others", who,
                          positives, others));
}

std::vector<Tied> ties_down(const char* who, const std::vector<double>& scores,
                            const std::vector<bool>& positive) {
  const std::vector<std::size_t> order = order_down(who, scores, positive);
  std::vector<Tied> ties;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || scores[order[i]] != scores[order[i - 1]]) ties.emplace_back();
    (positive[order[i]] ? ties.back().positives : ties.back().others) += 1;
  }
  return ties;
}

// Labels with slopes at both sides of every range of positives: r of vus_pr.
std::vector<double> sloped(const std::vector<bool>& positive, std::int64_t buffer) {
  const auto n = static_cast<std::int64_t>(positive.size());
  const auto at = [&](std::int64_t i) {
    return i >= 0 && i < n && positive[static_cast<std::size_t>(i)];
  };
  std::vector<double> r(positive.begin(), positive.end());
  const auto add = [&](std::int64_t i, std::int64_t distance) {
    if (i < 0 || i >= n || at(i)) return;
    const double part = static_cast<double>(distance) / static_cast<double>(buffer);
    double& label = r[static_cast<std::size_t>(i)];
    label = std::min(1.0, label + std::sqrt(1 - part));
  };
  for (std::int64_t i = 0; i < n; ++i) {
    if (!at(i)) continue;
    for (std::int64_t d = 1; d <= buffer / 2; ++d) {
      if (!at(i - 1)) add(i - d, d);
      if (!at(i + 1)) add(i + d, d);
    }
  }
  return r;
}

// The area under the curve of vus_pr for one buffer.
double range_pr(const std::vector<double>& scores, const std::vector<std::size_t>& order,
                const std::vector<bool>& positive, std::int64_t buffer) {
  const std::vector<double> r = sloped(positive, buffer);
  std::vector<std::size_t> range(r.size());  // the number of each step's, from 1
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (r[i] > 0 && (i == 0 || r[i - 1] == 0)) ++ranges;
    range[i] = ranges;
  }
  const double whole = (std::accumulate(r.begin(), r.end(), 0.0) +
                        static_cast<double>(std::count(positive.begin(), positive.end(), true))) /
                       2;
  std::vector<bool> found(ranges + 1);
  double hits = 0, ranges_found = 0, recall = 0, area = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    hits += r[i];
    if (r[i] > 0 && !found[range[i]]) {
      found[range[i]] = true;
      ++ranges_found;
    }
    const bool tied = k + 1 < order.size() && scores[order[k + 1]] == scores[i];
    if (tied) continue;
    const double now = std::min(1.0, hits / whole) * ranges_found / static_cast<double>(ranges);
    area += (now - recall) * hits / static_cast<double>(k + 1);
    recall = now;
  }
  return area;
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

double vus_pr(const std::vector<double>& scores, const std::vector<bool>& positive,
              std::int64_t longest) {
  if (longest < 0) {
    throw Error(fmt::format("vus_pr: the longest buffer must be at least 0: got {}", longest));
  }
  const std::vector<std::size_t> order = order_down("vus_pr", scores, positive);
  double sum = 0;
  for (std::int64_t l = 0; l <= longest; ++l) sum += range_pr(scores, order, positive, l);
  return sum / static_cast<double>(longest + 1);
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

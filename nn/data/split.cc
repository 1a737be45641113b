#include "nn/data/split.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "nn/data/windows.h"
#include "tensor/error.h"
#include "tensor/random.h"

namespace hourglass::nn {
namespace {

constexpr std::array<std::int64_t, 3> kUsual = {80, 10, 10};
constexpr std::int64_t kMostToChooseBy = 10000;

// All indices in an order drawn from the seed of which every first part has the classes in the
// proportions of the whole, as far as it goes, beginning with one example of each.
std::vector<std::int32_t> drawn_by_class(const DataSet& all, std::uint64_t seed) {
  std::vector<std::int32_t> order = permutation(key_of(seed), "subset", 0, all.count());
  if (!all.labels.defined()) return order;
  const std::int32_t* labels = all.labels.data<std::int32_t>();
  std::map<std::int32_t, double> sizes, seen;
  for (std::int64_t i = 0; i < all.count(); ++i) ++sizes[labels[i]];
  std::vector<double> place(order.size());  // within its class, from 0 to 1
  for (const std::int32_t i : order) {
    place[static_cast<std::size_t>(i)] = seen[labels[i]]++ / sizes[labels[i]];
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return place[static_cast<std::size_t>(a)] < place[static_cast<std::size_t>(b)];
  });
  return order;
}

void check_percent(const SplitOptions& options, bool brings_test) {
  if (!options.percent) return;
  const auto& [train, validation, test] = *options.percent;
  if (brings_test) {
    throw Error(
        "split: the data bring a test part of their own: --validation holds examples out of the "
        "other");
  }
  if (options.validation)
    throw Error("split: --validation and --split say the same: leave one out");
  if (train > 0 && validation >= 0 && test > 0 && train + validation + test == 100) return;
  throw Error(
      fmt::format("split: expected percentages to learn from, to choose by and to judge by that "
                  "sum to 100, the first and the last above 0, as in 80,10,10: got {},{},{}",
                  train, validation, test));
}

// A percentage of n, rounded to the nearest; one at least where it is above 0.
std::int64_t part_of(std::int64_t n, std::int64_t percent) {
  return percent == 0 ? 0 : std::max<std::int64_t>(1, (n * percent + 50) / 100);
}

// How many of the training part's n examples are held out to choose by; `all` counts those that
// were held out to judge by, too.
std::int64_t held_out(std::int64_t n, std::int64_t all, const SplitOptions& options) {
  if (options.validation) return *options.validation;
  if (all > n) {  // of two examples one is learnt from, and the other judges
    const std::int64_t held = part_of(all, options.percent.value_or(kUsual)[1]);
    return options.percent || n > 1 ? held : 0;
  }
  if (!options.choosing) return 0;
  return std::min(kMostToChooseBy, std::max<std::int64_t>(1, n / 6));
}

DataSet chosen(const DataSet& all, std::vector<std::int32_t> indices) {
  if (indices.empty()) return {.kind = all.kind};
  std::sort(indices.begin(), indices.end());
  return all.select(std::move(indices));
}

RawData examples_with_test(const RawData& data, const SplitOptions& options) {
  if (data.test) return data;
  const std::int64_t n = data.all.count();
  if (n < 2) throw Error(fmt::format("split: expected at least 2 examples: there is {}", n));
  const std::vector<std::int32_t> order = drawn_by_class(data.all, options.seed);
  const auto test = order.end() - part_of(n, options.percent.value_or(kUsual)[2]);
  return {.all = chosen(data.all, {order.begin(), test}),
          .test = chosen(data.all, {test, order.end()})};
}

DataParts split_examples(const RawData& given, const SplitOptions& options) {
  const RawData data = examples_with_test(given, options);
  const std::int64_t n = data.all.count();
  const std::int64_t held = held_out(n, given.all.count(), options);
  if (held < 0 || held >= n) {
    throw Error(fmt::format("validation: expected 0 to {} of {} training examples: got {}", n - 1,
                            n, held));
  }
  const std::int64_t kept = options.images.value_or(n - held);
  if (kept < 1 || kept > n - held) {
    throw Error(
        fmt::format("images: expected 1 to {}, what validation leaves: got {}", n - held, kept));
  }
  if (held == 0 && kept == n) return {data.all, {.kind = data.all.kind}, *data.test};
  const std::vector<std::int32_t> order = drawn_by_class(data.all, options.seed);
  return {chosen(data.all, {order.begin(), order.begin() + kept}),
          chosen(data.all, {order.end() - held, order.end()}), *data.test};
}

// Steps [first, last) of each recording, as fractions of it.
RawData cut(const RawData& series, std::int64_t from, std::int64_t to) {
  RawData part;
  std::vector<std::int32_t> steps;
  std::int64_t first = 0;
  for (const std::int64_t length : series.recordings) {
    const std::int64_t begin = length * from / 100, end = length * to / 100;
    for (std::int64_t t = begin; t < end; ++t) {
      steps.push_back(static_cast<std::int32_t>(first + t));
    }
    part.recordings.push_back(end - begin);
    first += length;
  }
  part.all = series.all.select(std::move(steps));
  return part;
}

// The windows of a part of each recording, from one percentage to another.
DataSet part_of(const RawData& series, const SplitOptions& options, std::int64_t from,
                std::int64_t to, const char* name) {
  const RawData steps = cut(series, from, to);
  if (longest_recording(steps) >= options.window)
    return windows(steps, options.window, options.stride);
  throw_too_short(steps, options.window, name);
}

DataParts split_series(const RawData& series, const SplitOptions& options) {
  if (options.validation || options.images) {
    throw Error(fmt::format("{}: a series is cut by time: say --split 80,10,10 instead",
                            options.validation ? "validation" : "images"));
  }
  const auto [train, validation, test] = options.percent.value_or(kUsual);
  return {part_of(series, options, 0, train, "training"),
          validation == 0 ? DataSet{.kind = DataKind::kSeries}
                          : part_of(series, options, train, train + validation, "validation"),
          part_of(series, options, 100 - test, 100, "test")};
}

std::set<std::int32_t> classes_of(const DataSet& data) {
  if (!data.labels.defined()) return {};
  const std::int32_t* labels = data.labels.data<std::int32_t>();
  return {labels, labels + data.count()};
}

}  // namespace

DataParts split(const RawData& data, const SplitOptions& options) {
  check_percent(options, data.test.has_value());
  return options.window > 0 ? split_series(data, options) : split_examples(data, options);
}

RawData with_test(const RawData& data, const SplitOptions& options) {
  check_percent(options, data.test.has_value());
  if (options.window == 0) return examples_with_test(data, options);
  const std::int64_t test = options.percent.value_or(kUsual)[2];
  return {.all = part_of(data, options, 0, 100 - test, "training"),
          .test = part_of(data, options, 100 - test, 100, "test")};
}

std::vector<std::int32_t> missing_classes(const RawData& data, const DataSet& some) {
  std::set<std::int32_t> missing = classes_of(data.all);
  if (data.test) missing.merge(classes_of(*data.test));
  for (const std::int32_t label : classes_of(some)) missing.erase(label);
  return {missing.begin(), missing.end()};
}

}  // namespace hourglass::nn

#include "nn/data/split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "nn/data/windows.h"
#include "tensor/error.h"

using namespace hourglass;
using nn::DataKind;
using nn::DataParts;
using nn::DataSet;
using nn::RawData;

namespace {

// Rows that hold their own number, labels in blocks: 0 0 0 ... 1 1 1 ...
RawData numbered_rows(std::int64_t rows, std::int32_t classes) {
  std::vector<float> numbers(static_cast<std::size_t>(rows));
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < rows; ++i) {
    labels.push_back(static_cast<std::int32_t>(i * classes / rows));
  }
  DataSet all{.kind = DataKind::kRow, .examples = Tensor::from(numbers, Shape{rows, 1})};
  if (classes > 0) all.labels = Tensor::from(labels, Shape{rows});
  return {.all = all};
}

std::vector<double> numbers_of(const DataSet& part) {
  return part.examples.defined() ? part.examples.tensor().values() : std::vector<double>();
}

std::int64_t of_class(const DataSet& part, double label) {
  const std::vector<double> labels = part.labels.values();
  return std::count(labels.begin(), labels.end(), label);
}

// Steps 0, 1, 2, ... of two channels, the second 100 more.
RawData recordings(const std::vector<std::int64_t>& lengths) {
  const std::int64_t steps = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  Tensor rows(Shape{steps, 2}, DType::kF32);
  for (std::int64_t t = 0; t < steps; ++t) {
    rows.data<float>()[2 * t] = static_cast<float>(t);
    rows.data<float>()[2 * t + 1] = static_cast<float>(100 + t);
  }
  return {.all = {.kind = DataKind::kSeries, .examples = rows}, .recordings = lengths};
}

}  // namespace

TEST_CASE("a split is 80, 10 and 10 percent by class, and no example is in two parts") {
  const DataParts parts = nn::split(numbered_rows(200, 2), {.seed = 3});
  CHECK(parts.train.count() == 160);
  CHECK(parts.validation.count() == 20);
  CHECK(parts.test.count() == 20);
  for (const DataSet* part : {&parts.train, &parts.validation, &parts.test}) {
    CHECK(of_class(*part, 1) == part->count() / 2);
    const std::vector<double> numbers = numbers_of(*part);
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
  }
  std::set<double> all;
  for (const DataSet* part : {&parts.train, &parts.validation, &parts.test}) {
    for (const double number : numbers_of(*part)) all.insert(number);
  }
  CHECK(all.size() == 200);
  const DataParts again = nn::split(numbered_rows(200, 2), {.seed = 3});
  CHECK(again.test.examples.tensor().identical(parts.test.examples));
  CHECK_FALSE(nn::split(numbered_rows(200, 2), {.seed = 4})
                  .test.examples.tensor()
                  .identical(parts.test.examples));
}

TEST_CASE("percentages, numbers of examples and the fewest examples there can be") {
  const DataParts given = nn::split(numbered_rows(200, 0), {.percent = {{60, 0, 40}}});
  CHECK(given.train.count() == 120);
  CHECK_FALSE(given.validation.examples.defined());
  CHECK(given.test.count() == 80);
  const DataParts few = nn::split(numbered_rows(200, 2), {.validation = 30, .images = 10});
  CHECK(few.train.count() == 10);
  CHECK(few.validation.count() == 30);
  CHECK(few.test.count() == 20);
  CHECK(few.test.examples.tensor().identical(nn::split(numbered_rows(200, 2), {}).test.examples));
  const DataParts two = nn::split(numbered_rows(2, 0), {});
  CHECK(two.train.count() == 1);
  CHECK_FALSE(two.validation.examples.defined());
  CHECK(two.test.count() == 1);
  CHECK_THROWS_WITH_AS(nn::split(numbered_rows(1, 0), {}),
                       "split: expected at least 2 examples: there is 1", Error);
}

TEST_CASE("a class of one example is learnt from") {
  RawData data = numbered_rows(50, 1);
  data.all.labels.data<std::int32_t>()[49] = 1;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    CHECK(of_class(nn::split(data, {.seed = seed}).train, 1) == 1);
  }
}

TEST_CASE("a test part that the data bring is kept, and nothing more is held out unasked") {
  RawData data = numbered_rows(60, 2);
  data.test = numbered_rows(7, 0).all;
  const DataParts parts = nn::split(data, {});
  CHECK(parts.train.examples.tensor().identical(data.all.examples));
  CHECK_FALSE(parts.validation.examples.defined());
  CHECK(parts.test.examples.tensor().identical(data.test->examples));
  CHECK(nn::split(data, {.choosing = true}).validation.count() == 10);
  CHECK(nn::with_test(data, {}).all.examples.tensor().identical(data.all.examples));
  CHECK_THROWS_WITH_AS(nn::split(data, {.percent = {{80, 10, 10}}}),
                       "split: the data bring a test part of their own: --validation holds "
                       "examples out of the other",
                       Error);
}

TEST_CASE("the test part alone is the one of the whole split") {
  const nn::SplitOptions options{.percent = {{70, 15, 15}}, .seed = 9};
  const RawData data = numbered_rows(80, 4);
  const RawData two = nn::with_test(data, options);
  CHECK(two.test->examples.tensor().identical(nn::split(data, options).test.examples));
  CHECK(two.all.count() + two.test->count() == 80);
}

TEST_CASE("a series is cut by time, then into windows that stay within a part and a recording") {
  const DataParts parts = nn::split(recordings({50, 20}), {.window = 2, .stride = 2});
  CHECK(parts.train.kind == DataKind::kSeries);
  CHECK(parts.train.examples.shape() == Shape{28, 2, 2});
  CHECK(parts.validation.examples.shape() == Shape{3, 2, 2});
  CHECK(numbers_of(parts.validation) ==
        std::vector<double>{40, 41, 140, 141, 42, 43, 142, 143, 66, 67, 166, 167});
  CHECK(numbers_of(parts.test) ==
        std::vector<double>{45, 46, 145, 146, 47, 48, 147, 148, 68, 69, 168, 169});
  const RawData two = nn::with_test(recordings({50, 20}), {.window = 2, .stride = 2});
  CHECK(two.test->examples.tensor().identical(parts.test.examples));
}

TEST_CASE("a window has the most frequent of its steps' labels that are not normal") {
  const auto labels = [](const std::vector<std::int32_t>& steps, std::int64_t window,
                         const std::vector<std::string>& classes) {
    const auto count = static_cast<std::int64_t>(steps.size());
    RawData series = recordings({count});
    series.all.labels = Tensor::from(steps, Shape{count});
    series.all.classes = classes;
    return nn::windows(series, window, 1).labels.values();
  };
  CHECK(labels({0, 1, 0, 0}, 2, {}) == std::vector<double>{1, 1, 0});
  CHECK(labels({0, 2, 1, 1, 3, 0}, 5, {}) == std::vector<double>{1, 1});
  CHECK(labels({0, 2, 1, 0}, 3, {}) == std::vector<double>{1, 1});  // the smallest of both
  CHECK(labels({2, 0, 1, 2, 2, 2}, 3, {"leak", "loss", "normal"}) ==
        std::vector<double>{0, 0, 1, 2});
  CHECK(labels({1, 0, 0, 1, 1}, 2, {"east", "west"}) == std::vector<double>{0, 0, 0, 1});
}

TEST_CASE(
    "windows laid over one another are the series again, and nothing where there is no window") {
  const RawData series = recordings({5, 1});
  const Tensor windows = nn::windows(series, 2, 1).examples;
  const std::vector<double> steps = nn::overlaid(windows, series, 1).values();
  for (std::int64_t t = 0; t < 5; ++t) {
    CHECK(steps[static_cast<std::size_t>(2 * t)] == static_cast<double>(t));
    CHECK(steps[static_cast<std::size_t>(2 * t + 1)] == static_cast<double>(100 + t));
  }
  CHECK(std::isnan(steps[10]));
  CHECK_THROWS_WITH_AS(nn::overlaid(windows, series, 2), "overlaid: 4 windows for a series of 2",
                       Error);
}

TEST_CASE("what a split cannot be is said") {
  const auto refused = [](const RawData& data, const nn::SplitOptions& options, const char* line) {
    CHECK_THROWS_WITH_AS(nn::split(data, options), line, Error);
  };
  for (const std::array<std::int64_t, 3> percent :
       {std::array<std::int64_t, 3>{80, 10, 20}, {0, 50, 50}, {90, 10, 0}, {110, -20, 10}}) {
    CHECK_THROWS_AS(nn::split(numbered_rows(50, 0), {.percent = percent}), Error);
  }
  refused(numbered_rows(50, 0), {.percent = {{80, 10, 20}}},
          "split: expected percentages to learn from, to choose by and to judge by that sum to "
          "100, the first and the last above 0, as in 80,10,10: got 80,10,20");
  refused(numbered_rows(50, 0), {.percent = {{80, 10, 10}}, .validation = 3},
          "split: --validation and --split say the same: leave one out");
  refused(numbered_rows(50, 0), {.validation = 45},
          "validation: expected 0 to 44 of 45 training examples: got 45");
  refused(numbered_rows(50, 0), {.images = 41},
          "images: expected 1 to 40, what validation leaves: got 41");
  refused(recordings({50}), {.validation = 3, .window = 4},
          "validation: a series is cut by time: say --split 80,10,10 instead");
  refused(recordings({50, 20}), {.window = 6},
          "window: 6 steps are more than the 5 of the longest recording's validation part");
  CHECK_THROWS_WITH_AS(nn::windows(recordings({5}), 6, 1),
                       "window: 6 steps are more than the 5 of the longest recording", Error);
  CHECK_THROWS_WITH_AS(nn::windows(recordings({5}), 2, 0), "stride: must be at least 1: got 0",
                       Error);
}

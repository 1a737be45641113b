// Real data through the one door.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "nn/data/read_data.h"
#include "tests/data/places.h"

using namespace hourglass;
using hourglass::test::real_data;
using nn::read_data;

namespace {

std::int64_t labelled(const nn::DataSet& data, std::int32_t which) {
  const auto* label = data.labels.data<std::int32_t>();
  return std::count(label, label + data.count(), which);
}

}  // namespace

TEST_CASE("a table without a header: cardiotocograms, one in ten an outlier") {
  const std::string path = real_data("odds/cardio.csv.gz");
  if (path.empty()) return;
  const nn::DataSet data = read_data(path, {.label = "last"}).all;
  CHECK(data.examples.shape() == Shape{1831, 21});
  CHECK(data.columns.empty());
  CHECK(labelled(data, 1) == 176);
}

TEST_CASE("recordings of a folder: sensors of a valve, with their times left out") {
  const std::string path = real_data("skab/valve1");
  if (path.empty()) return;
  const nn::RawData data =
      read_data(path, {.series = true, .drop = {"changepoint"}, .label = "anomaly"});
  CHECK(data.all.examples.shape() == Shape{18160, 8});
  CHECK(data.all.columns[7] == "Volume Flow RateRMS");
  CHECK(data.recordings.size() == 16);
  CHECK(data.notes[1] == "column 1 (datetime): a time, left out");
  CHECK(labelled(data.all, 0) + labelled(data.all, 1) == 18160);
}

TEST_CASE("bags of words: newsgroups, trained on one file and tested on another") {
  const std::string path = real_data("20newsgroups");
  if (path.empty()) return;
  const nn::RawData data = read_data(path);
  CHECK(data.all.kind == nn::DataKind::kCounts);
  CHECK(data.all.examples.shape() == Shape{11314, 2000});
  REQUIRE(data.test);
  CHECK(data.test->examples.shape() == Shape{7532, 2000});
  CHECK(data.first_index == 0);
  CHECK(data.all.columns[0] == "ax");
  const Tensor all = data.all.examples.tensor();
  const auto* count = all.data<std::int32_t>();
  std::int64_t words = 0, entries = 0;
  for (std::int64_t i = 0; i < all.elements(); ++i) {
    words += count[i];
    entries += count[i] > 0 ? 1 : 0;
  }
  CHECK(entries == 624555);
  CHECK(words == 1112148);
}

TEST_CASE("images that are no squares: faces of 28 by 20") {
  const std::string path = real_data("frey_faces");
  if (path.empty()) return;
  CHECK(read_data(path).all.examples.shape() == Shape{1965, 1, 28, 20});
}

TEST_CASE("a data set that brings its own test part: digits") {
  const std::string path = real_data("mnist");
  if (path.empty()) return;
  const nn::RawData data = read_data(path);
  CHECK(data.all.examples.shape() == Shape{60000, 1, 28, 28});
  REQUIRE(data.test);
  CHECK(data.test->examples.shape() == Shape{10000, 1, 28, 28});
  CHECK(labelled(*data.test, 1) == 1135);
}

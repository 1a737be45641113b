// Tables through the one door: what becomes of columns, labels, categories, times and missing values.

#include <cmath>
#include <string>
#include <vector>

#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using namespace hourglass::nn;
using hourglass::test::error_of;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

using Names = std::vector<std::string>;

std::vector<std::int32_t> labels_of(const DataSet& data) {
  const auto* label = data.labels.data<std::int32_t>();
  return {label, label + data.count()};
}

// With a missing number as -1.
std::vector<double> gaps_as_minus_one(const DataSet& data) {
  std::vector<double> all = data.examples.tensor().values();
  for (double& x : all) x = std::isnan(x) ? -1 : x;
  return all;
}

}  // namespace

TEST_CASE("a table is rows of numbers, with what was taken for what") {
  const TempFolder dir;
  put(dir / "x.csv", "a,b,c\n1,2,3\n4,5,6\n");
  const RawData data = read_data(dir / "x.csv");
  CHECK(data.all.kind == DataKind::kRow);
  CHECK(data.all.examples.tensor().identical(Tensor::from<double>({1, 2, 3, 4, 5, 6}, {2, 3})));
  CHECK(data.all.columns == Names{"a", "b", "c"});
  CHECK(data.all.source == dir / "x.csv");
  CHECK(data.notes == Names{"header: the first line names the columns"});
  put(dir / "x.csv", "1,2\n4,5\n");
  CHECK(read_data(dir / "x.csv").all.columns.empty());
  CHECK(read_data(dir / "x.csv").notes == Names{"header: none, the first line is a row"});
}

TEST_CASE("columns of one name are told apart, for a model to find them again") {
  const TempFolder dir;
  put(dir / "x.csv", "a,a,a-1,,b,\n1,2,3,9,4,6\n5,5,6,9,7,8\n");
  const RawData data = read_data(dir / "x.csv");
  CHECK(data.all.columns == Names{"a", "a-2", "a-1", "", "b", "6"});
  CHECK(data.notes == Names{"header: the first line names the columns",
                            "column 2 (a): named a-2: the name comes twice",
                            "column 6: named 6: the name comes twice"});
  const RawData again = read_data(dir / "x.csv", {.schema = schema_of(data)});
  CHECK(again.all.examples.tensor().identical(data.all.examples));
  CHECK(read_data(dir / "x.csv", {.columns = {"a-2"}})
            .all.examples.tensor()
            .identical(Tensor::from<double>({2, 5}, {2, 1})));
}

TEST_CASE("columns are chosen, left out and taken as labels by name, number or as the last") {
  const TempFolder dir;
  put(dir / "x.csv", "a,b,c\n1,2,0\n4,5,1\n");
  const auto columns = [&](const ReadOptions& options) {
    return read_data(dir / "x.csv", options).all.columns;
  };
  CHECK(columns({.columns = {"c", "1"}}) == Names{"c", "a"});
  CHECK(columns({.drop = {"2", "last"}}) == Names{"a"});
  const DataSet data = read_data(dir / "x.csv", {.label = "last"}).all;
  CHECK(data.columns == Names{"a", "b"});
  CHECK(labels_of(data) == std::vector<std::int32_t>{0, 1});
  CHECK(data.classes.empty());
  CHECK(error_of(dir, [&] { columns({.label = "bb"}); }) ==
        "data: DIR/x.csv: label: there is no column 'bb': did you mean b? Expected one of a, b, c");
  CHECK(error_of(dir, [&] { columns({.drop = {"7"}}); }) ==
        "data: DIR/x.csv: drop: there is no column '7': expected one of a, b, c");
  CHECK(error_of(dir, [&] {
          columns({.drop = {"a", "b", "c"}});
        }) == "data: DIR/x.csv: no column is left to learn from");
  CHECK(error_of(dir, [&] {
          columns({.columns = {"a", "c", "1"}});
        }) == "data: DIR/x.csv: columns: 'a' is named twice");
  CHECK(error_of(dir, [&] {
          columns({.columns = {"a", "c"}, .label = "c"});
        }) == "data: DIR/x.csv: columns: 'c' is the label, or dropped");
  CHECK(error_of(dir, [&] {
          columns({.columns = {"a", "b"}, .drop = {"b"}});
        }) == "data: DIR/x.csv: columns: 'b' is the label, or dropped");
  put(dir / "x.csv", "1,2\n3,4\n");
  CHECK(error_of(dir, [&] {
          columns({.columns = {"2", "2"}});
        }) == "data: DIR/x.csv: columns: 2 is named twice");
  CHECK(error_of(dir, [&] { columns({.label = "3"}); }) ==
        "data: DIR/x.csv: label: there is no column '3': expected 1 to 2, or last");
}

TEST_CASE("labels are words, or whole numbers as they are, or classes by size") {
  const TempFolder dir;
  const auto read = [&](const std::string& labels) {
    std::string text = "x,y\n";
    for (const char c : labels) text += c == ' ' ? std::string("\n") : std::string(1, c);
    put(dir / "x.csv", text + "\n");
    return read_data(dir / "x.csv", {.label = "y"}).all;
  };
  DataSet data = read("1,ham 2,spam 3,ham");
  CHECK(data.classes == Names{"ham", "spam"});
  CHECK(labels_of(data) == std::vector<std::int32_t>{0, 1, 0});
  data = read("1,3.0 2,0 3,7");
  CHECK(data.classes.empty());
  CHECK(labels_of(data) == std::vector<std::int32_t>{3, 0, 7});
  data = read("1,-1 2,1 3,-1");
  CHECK(data.classes == Names{"-1", "1"});
  CHECK(labels_of(data) == std::vector<std::int32_t>{0, 1, 0});
  CHECK(error_of(dir, [&] { read("1,0.5 2,1"); }) ==
        "data: DIR/x.csv: line 2, column 2 (y): expected a label, a word or a whole number: found "
        "0.5");
  CHECK(error_of(dir, [&] { read("1,0 2,"); }) ==
        "data: DIR/x.csv: line 3, column 2 (y): the label is missing");
}

TEST_CASE("a category becomes columns of 0 and 1, a column of words is refused otherwise") {
  const TempFolder dir;
  put(dir / "x.csv", "size,colour,n\n1,red,10\n2,blue,9\n3,red,9\n");
  const RawData data = read_data(dir / "x.csv", {.category = {"colour", "n"}});
  CHECK(data.all.columns == Names{"size", "colour=blue", "colour=red", "n=9", "n=10"});
  CHECK(gaps_as_minus_one(data.all) ==
        std::vector<double>{1, 0, 1, 0, 1, 2, 1, 0, 1, 0, 3, 0, 1, 1, 0});
  REQUIRE(data.all.categories.size() == 2);
  CHECK(data.all.categories[0].first == 1);
  CHECK(data.all.categories[1].words == Names{"9", "10"});
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv"); }) ==
        "read_csv: DIR/x.csv: line 2, column 2 (colour): expected a number, found 'red': a column "
        "of words is left out (--drop) or a category (--category)");

  // Others are read as those were, in whatever order their columns stand.
  const Schema schema = schema_of(data);
  put(dir / "y.csv", "n,other,colour,size\n10,x,red,5\n");
  const RawData other = read_data(dir / "y.csv", {.schema = schema});
  CHECK(other.all.columns == data.all.columns);
  CHECK(gaps_as_minus_one(other.all) == std::vector<double>{5, 0, 1, 0, 1});
  put(dir / "y.csv", "n,colour,size\n10,pink,5\n");
  CHECK(error_of(dir, [&] { read_data(dir / "y.csv", {.schema = schema}); }) ==
        "data: DIR/y.csv: line 2, column 2 (colour): a word that the model does not know: 'pink'");
  put(dir / "y.csv", "n,color,size\n10,red,5\n");
  CHECK(error_of(dir, [&] { read_data(dir / "y.csv", {.schema = schema}); }) ==
        "data: DIR/y.csv: category: there is no column 'colour': did you mean color? Expected one "
        "of n, color, size");
}

TEST_CASE("a model that has learnt beside labels reads data with them and without") {
  const TempFolder dir;
  for (const bool header : {true, false}) {
    put(dir / "x.csv", std::string(header ? "a,b,y\n" : "") + "1,2,0\n3,4,1\n");
    ReadOptions options{.drop = {"1"}, .label = "last"};
    options.schema = schema_of(read_data(dir / "x.csv", options));
    CHECK(read_data(dir / "x.csv", options).all.labels.defined());
    put(dir / "x.csv", std::string(header ? "b\n" : "") + "5\n");
    const DataSet data = read_data(dir / "x.csv", options).all;
    CHECK(!data.labels.defined());
    CHECK(gaps_as_minus_one(data) == std::vector<double>{5});
  }
}

TEST_CASE("a category of a table without a header is named by its number") {
  const TempFolder dir;
  put(dir / "x.csv", "1,red\n2,blue\n");
  const RawData data = read_data(dir / "x.csv", {.category = {"2"}});
  CHECK(data.all.columns == Names{"1", "2=blue", "2=red"});
  put(dir / "x.csv", "7,red\n");
  CHECK(gaps_as_minus_one(read_data(dir / "x.csv", {.schema = schema_of(data)}).all) ==
        std::vector<double>{7, 0, 1});
  put(dir / "x.csv", ",1\n,2\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.category = {"1"}}); }) ==
        "data: DIR/x.csv: column 1: holds nothing: expected the words of a category");
}

TEST_CASE("missing values are refused, kept as NaN, or their rows left out") {
  const TempFolder dir;
  put(dir / "x.csv", "a,b\n1,2\n,5\n\n6,?\n7,8\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv"); }) ==
        "data: DIR/x.csv: line 3, column 1 (a): a value is missing (--missing mask, mean or drop)");
  for (const Missing missing : {Missing::kMask, Missing::kMean}) {
    CHECK(gaps_as_minus_one(read_data(dir / "x.csv", {.missing = missing}).all) ==
          std::vector<double>{1, 2, -1, 5, 6, -1, 7, 8});
  }
  const RawData dropped = read_data(dir / "x.csv", {.missing = Missing::kDrop});
  CHECK(gaps_as_minus_one(dropped.all) == std::vector<double>{1, 2, 7, 8});
  CHECK(dropped.notes.back() == "2 of 4 rows left out: a value is missing");
  const RawData series = read_data(dir / "x.csv", {.series = true, .missing = Missing::kDrop});
  CHECK(series.recordings == std::vector<std::int64_t>{1, 1});

  put(dir / "x.csv", "a,b\n1,NA\n3,\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.missing = Missing::kMask}); }) ==
        "data: DIR/x.csv: column 2 (b): every value is missing: leave it out (--drop)");
  put(dir / "x.csv", "a,b\n1,NA\n,3\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.missing = Missing::kDrop}); }) ==
        "data: DIR/x.csv: every row has a missing value: none is left");
  put(dir / "x.csv", "a,b\n1,2\n3,-inf\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.missing = Missing::kMask}); }) ==
        "data: DIR/x.csv: line 3, column 2 (b): expected a finite number, found inf");
}

TEST_CASE("times and the numbers of rows are left out, with a line that says so") {
  const TempFolder dir;
  put(dir / "x.csv", ",when,time,v\n0,2020-03-09 10:14:33,5,1\n1,2020-03-09 10:14:34,5.5,2\n");
  const RawData data = read_data(dir / "x.csv");
  CHECK(data.all.columns == Names{"v"});
  CHECK(data.notes ==
        Names{"header: the first line names the columns", "column 1: the rows' numbers, left out",
              "column 2 (when): a time, left out", "column 3 (time): a time, left out"});
  CHECK(read_data(dir / "x.csv", {.columns = {"time", "v"}}).all.columns == Names{"time", "v"});
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.columns = {"when"}}); }) ==
        "data: DIR/x.csv: column 2 (when): expected numbers, found times");
  put(dir / "x.csv", "time,v\n5,1\n4,2\n");
  CHECK(read_data(dir / "x.csv").all.columns == Names{"time", "v"});
}

TEST_CASE("files of a folder are recordings of a series, or parts of a table") {
  const TempFolder dir;
  put(dir / "1.csv", "a;b;y\n1;2;0\n3;4;1\n");
  put(dir / "2.csv", "a;b;y\n5;6;0\n");
  put(dir / ".hidden", "a;b\n1;2\n");
  put(dir / "README.md", "What this is.\n");
  const RawData series = read_data(dir.path(), {.series = true, .label = "y"});
  CHECK(series.all.kind == DataKind::kSeries);
  CHECK(series.all.examples.tensor().identical(Tensor::from<double>({1, 2, 3, 4, 5, 6}, {3, 2})));
  CHECK(labels_of(series.all) == std::vector<std::int32_t>{0, 1, 0});
  CHECK(series.recordings == std::vector<std::int64_t>{2, 1});
  CHECK(series.notes.back() == "left out, no data: README.md");
  CHECK(read_data(dir.path()).all.kind == DataKind::kRow);
  CHECK(read_data(dir.path()).recordings.empty());
  put(dir / "3.csv", "a;c;y\n5;6;0\n");
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/3.csv: column 2: expected 'b', as in DIR/1.csv: found 'c'");
  put(dir / "3.csv", "a;b\n5;6\n");
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/3.csv: expected examples as in DIR/1.csv, row f64 [3]: found row f64 [2]");
}

TEST_CASE("labels of words are the same classes in all files of a folder") {
  const TempFolder dir;
  put(dir / "1.csv", "a,y\n1,pear\n2,plum\n");
  put(dir / "2.csv", "a,y\n3,apple\n4,pear\n");
  const DataSet data = read_data(dir.path(), {.label = "y"}).all;
  CHECK(data.classes == Names{"apple", "pear", "plum"});
  CHECK(labels_of(data) == std::vector<std::int32_t>{1, 2, 0, 1});
}

TEST_CASE("two files or folders named train and test are the two parts") {
  const TempFolder dir;
  put(dir / "my-train.csv", "a,y\n1,no\n2,yes\n");
  put(dir / "my-test.csv", "a,y\n3,yes\n");
  const RawData data = read_data(dir.path(), {.label = "y"});
  CHECK(data.all.count() == 2);
  REQUIRE(data.test);
  CHECK(labels_of(*data.test) == std::vector<std::int32_t>{1});
  put(dir / "my-test.csv", "a,y\n3,perhaps\n");
  CHECK(error_of(dir, [&] { read_data(dir.path(), {.label = "y"}); }) ==
        "data: DIR/my-test.csv: line 2, column 2 (y): a class that the model does not know: "
        "'perhaps'");
}

TEST_CASE("a table is read as another kind where its numbers are of it") {
  const TempFolder dir;
  put(dir / "x.csv", "1,0\n2,3\n");
  const RawData counts = read_data(dir / "x.csv", {.kind = DataKind::kCounts});
  CHECK(counts.all.kind == DataKind::kCounts);
  CHECK(counts.all.examples.tensor().identical(Tensor::from<std::int32_t>({1, 0, 2, 3}, {2, 2})));
  CHECK(read_data(dir / "x.csv", {.kind = DataKind::kSeries}).recordings ==
        std::vector<std::int64_t>{2});
  put(dir / "x.csv", "1,0\n2,3.5\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.kind = DataKind::kCounts}); }) ==
        "data: DIR/x.csv: row 2, column 2: expected a count, found 3.5");
  CHECK(error_of(dir, [&] { read_data(dir / "x.csv", {.kind = DataKind::kImage}); }) ==
        "data: DIR/x.csv: expected examples of kind image, found kind row, [2, 2]");
}

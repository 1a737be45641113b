#include "tensor/files/csv_write.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/error.h"
#include "tensor/files/csv.h"
#include "tests/tools/program.h"

using namespace hourglass;

TEST_CASE("a table written as CSV reads back as the same numbers and names") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("t.csv");
  const Tensor table = Tensor::from<double>({0.1, -1e300, 5e-324, 1.0 / 3, 2, 0}, Shape{3, 2});
  write_csv(path, {"a, b", "say \"c\""}, table);
  CHECK(test::read_bytes(path) ==
        "\"a, b\",\"say \"\"c\"\"\"\n0.1,-1e+300\n5e-324,0.3333333333333333\n2,0\n");
  const Csv read = read_csv(path);
  REQUIRE(read.columns.size() == 2);
  CHECK(read.columns[0].numbers == std::vector<double>{0.1, 5e-324, 2});
  CHECK(read.columns[1].numbers == std::vector<double>{-1e300, 1.0 / 3, 0});
  CHECK(read.columns[0].name == "a, b");
  CHECK(read.columns[1].name == "say \"c\"");
  const Tensor reals = Tensor::from<float>({0.1F, 1.0F / 3}, Shape{1, 2});
  write_csv(path, {}, reals);
  CHECK(test::read_bytes(path) == "0.1,0.33333334\n");
}

TEST_CASE("a number that is missing is an empty field, and words are quoted where they need it") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("t.csv");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  write_csv(path, {"a", "b"}, Tensor::from<double>({nan, 1}, Shape{1, 2}));
  CHECK(test::read_bytes(path) == "a,b\n,1\n");
  write_csv_records(path, {{"x", "two\nlines"}, {" led", "plain"}});
  CHECK(test::read_bytes(path) == "x,\"two\nlines\"\n\" led\",plain\n");
}

TEST_CASE("write_csv refuses what is no table, and names that are not one a column") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(write_csv(folder.path("t.csv"), {}, Tensor::full(Shape{3}, 1)),
                       "write_csv: expected a table [rows, columns]: got [3]", Error);
  CHECK_THROWS_WITH_AS(write_csv(folder.path("t.csv"), {"a"}, Tensor::full(Shape{3, 2}, 1)),
                       "write_csv: 1 name for 2 columns", Error);
}

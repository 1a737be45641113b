#include "tensor/files/csv.h"

#include <cmath>
#include <limits>
#include <string>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using namespace hourglass::internal;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::put;
using hourglass::test::TempFolder;

TEST_CASE("a CSV file is read with any of three delimiters, with or without a header") {
  const TempFolder dir;
  const Tensor expected = Tensor::from<double>({1, -2.5, 3e10, 4}, {2, 2});
  for (const std::string& text :
       {"1,-2.5\n3e10,4\n"s, "1;-2.5\n3e10;4"s, "1\t-2.5\r\n3e10\t4\r\n"s,
        "\xef\xbb\xbf\n 1 , -2.5 \r+3E10,4.\r\r"s, "\"1\",\"-2.5\"\n\n3e10,\"4\"\n\n"s}) {
    put(dir / "x.csv", text);
    const Csv csv = read_csv(dir / "x.csv");
    CHECK(csv.values.identical(expected));
    CHECK(csv.names.empty());
  }
  put(dir / "x.csv", "a b;\"c;\n\"\"d\"\"\"\n1;-2.5\n3e10;4\n");
  const Csv csv = read_csv(dir / "x.csv");
  CHECK(csv.values.identical(expected));
  CHECK(csv.names == std::vector<std::string>{"a b", "c;\n\"d\""});
}

TEST_CASE("a delimiter inside quotes is text") {
  const TempFolder dir;
  put(dir / "x.csv", "\"a;b\tc\",d\n1,2\n");
  CHECK(read_csv(dir / "x.csv").names == std::vector<std::string>{"a;b\tc", "d"});
}

TEST_CASE("a compressed CSV file is told by its content") {
  const TempFolder dir;
  {
    AtomicFile file(dir / "x", "test");
    GzipSink gzip(file);
    for (int i = 0; i < 50000; ++i)
      gzip.write(std::to_string(i) + "," + std::to_string(2 * i) + "\n");
    gzip.finish();
    file.commit();
  }
  const Csv csv = read_csv(dir / "x");
  REQUIRE(csv.values.shape() == Shape{50000, 2});
  double error = 0;
  for (std::int64_t i = 0; i < 100000; ++i) {
    error += std::fabs(csv.values.at(i) - static_cast<double>(i % 2 == 0 ? i / 2 : i - 1));
  }
  CHECK(error == 0);
}

TEST_CASE("extreme numbers keep their value or are refused") {
  const TempFolder dir;
  put(dir / "x", "nan,inf,-inf,1e-400,5e-324,1.7976931348623157e308\n");
  const Tensor x = read_csv(dir / "x").values;
  CHECK(std::isnan(x.at(0)));
  CHECK(x.at(1) == INFINITY);
  CHECK(x.at(2) == -INFINITY);
  CHECK(x.at(3) == 0);
  CHECK(x.at(4) == std::numeric_limits<double>::denorm_min());
  CHECK(x.at(5) == std::numeric_limits<double>::max());
  put(dir / "x", "1\n1e309\n");
  CHECK(error_of(dir, [&] { read_csv(dir / "x"); }) ==
        "read_csv: DIR/x: line 2, column 1: too large for f64, found '1e309'");
}

TEST_CASE("columns are skipped by name, whatever they hold") {
  const TempFolder dir;
  put(dir / "x", "when;speed;label\n2020-02-08 13:30:47;1.5;a\n2020-02-08 13:30:48;2.5;\n");
  const Csv csv = read_csv(dir / "x", {.skip = {"when", "label"}});
  CHECK(csv.values.identical(Tensor::from<double>({1.5, 2.5}, {2, 1})));
  CHECK(csv.names == std::vector<std::string>{"speed"});
  CHECK(error_of(dir, [&] { read_csv(dir / "x", {.skip = {"time"}}); }) ==
        "read_csv: DIR/x: no column 'time' to skip: the header has other names");
  put(dir / "x", "1,2\n");
  CHECK(error_of(dir, [&] { read_csv(dir / "x", {.skip = {"time"}}); }) ==
        "read_csv: DIR/x: no column 'time' to skip: the file has no header");
}

TEST_CASE("a bad CSV file says in which line and column") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_csv(dir / "x"); });
  };
  CHECK(text("") == "read_csv: DIR/x: expected rows of numbers, found none");
  CHECK(text("\n\n") == "read_csv: DIR/x: expected rows of numbers, found none");
  CHECK(text("1,2\n\n3\n") == "read_csv: DIR/x: line 3: expected 2 columns, found 1");
  CHECK(text("a,b\n1,2,3\n") == "read_csv: DIR/x: line 2: expected 2 columns, found 3");
  CHECK(text("a,b\n1,2\n3,x1\n") ==
        "read_csv: DIR/x: line 3, column 2 (b): expected a number, found 'x1'");
  CHECK(text("1,2\n3,4 5\n") ==
        "read_csv: DIR/x: line 2, column 2: expected a number, found '4 5'");
  CHECK(text("1,2\n3,\n") ==
        "read_csv: DIR/x: line 2, column 2: expected a number, found an empty field");
  CHECK(text("1,,2\n") ==
        "read_csv: DIR/x: line 1, column 2: expected a number, found an empty field");
  CHECK(text("1,2\r\n3\r\n") == "read_csv: DIR/x: line 2: expected 2 columns, found 1");
  CHECK(text("1;2\n3,5;4\n") ==
        "read_csv: DIR/x: line 2, column 1: expected a number, found '3,5'");
  CHECK(text("1,2\n0x10,4\n") ==
        "read_csv: DIR/x: line 2, column 1: expected a number, found '0x10'");
  CHECK(text("1,2\n+-1,4\n") ==
        "read_csv: DIR/x: line 2, column 1: expected a number, found '+-1'");
  CHECK(text("1,2\n3,\"4\n\n") == "read_csv: DIR/x: line 2: a quote is not closed");
  CHECK(
      text("\"a\nb\",c\n1,\"2\"3\n") ==
      "read_csv: DIR/x: line 3: expected the end of the field after its closing quote, found '3'");
  CHECK(text("1,2\n3,\x01\n") ==
        "read_csv: DIR/x: line 2, column 2: expected a number, found '\\x01'");
  CHECK(text("\xff\xfe\x31\x00"s) ==
        "read_csv: DIR/x: byte 0: UTF-16 text: expected UTF-8 or ASCII");
  CHECK(text("1," + std::string(17 << 20, '0')) ==
        "read_csv: DIR/x: line 1: a record of more than 16 MiB");
}

TEST_CASE("a header alone makes an empty table with its names") {
  const TempFolder dir;
  put(dir / "x", "a,b\n");
  const Csv csv = read_csv(dir / "x");
  CHECK(csv.values.shape() == Shape{0, 2});
  CHECK(csv.names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("no damage to a CSV file does worse than a FileError") {
  const TempFolder dir;
  damage(dir / "x", "a,\"b \"\"c\"\"\"\r\n1,2e5\n3,\"-4\"\n",
         [](const std::string& p) { read_csv(p); });
}

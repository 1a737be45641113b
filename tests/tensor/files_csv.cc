#include "tensor/files/csv.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/tensor.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using namespace hourglass::internal;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

// The numbers of the columns that hold some, row by row.
Tensor values(const Csv& csv) {
  std::vector<double> all;
  std::int64_t columns = 0;
  for (const CsvColumn& column : csv.columns) columns += column.use == CsvUse::kNumbers ? 1 : 0;
  for (std::size_t i = 0; i < csv.lines.size(); ++i) {
    for (const CsvColumn& column : csv.columns) {
      if (column.use == CsvUse::kNumbers) all.push_back(column.numbers[i]);
    }
  }
  return Tensor::from(all, {csv.rows(), columns});
}

std::vector<std::string> names(const Csv& csv) {
  std::vector<std::string> all;
  for (const CsvColumn& column : csv.columns) all.push_back(column.name);
  return all;
}

}  // namespace

TEST_CASE("a CSV file is read with any delimiter, with or without a header") {
  const TempFolder dir;
  const Tensor expected = Tensor::from<double>({1, -2.5, 3e10, 4}, {2, 2});
  for (const std::string& text :
       {"1,-2.5\n3e10,4\n"s, "1;-2.5\n3e10;4"s, "1\t-2.5\r\n3e10\t4\r\n"s, "1|-2.5\n3e10|4"s,
        "\xef\xbb\xbf\n 1 , -2.5 \r+3E10,4.\r\r"s, "\"1\",\"-2.5\"\n\n3e10,\"4\"\n\n"s,
        "  1   -2.5\n3e10\t4  \n"s}) {
    put(dir / "x.csv", text);
    const Csv csv = read_csv(dir / "x.csv");
    CHECK(values(csv).identical(expected));
    CHECK(!csv.header);
  }
  put(dir / "x.csv", "a b;\"c;\n\"\"d\"\"\"\n1;-2.5\n3e10;4\n");
  const Csv csv = read_csv(dir / "x.csv");
  CHECK(values(csv).identical(expected));
  CHECK(names(csv) == std::vector<std::string>{"a b", "c;\n\"d\""});
  CHECK(csv.lines == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("a delimiter inside quotes is text, one that is given is taken") {
  const TempFolder dir;
  put(dir / "x.csv", "\"a;b\tc\",d\n1,2\n");
  CHECK(names(read_csv(dir / "x.csv")) == std::vector<std::string>{"a;b\tc", "d"});
  put(dir / "x.csv", "a:b\n1:2\n");
  CHECK(names(read_csv(dir / "x.csv", {.delimiter = ':'})) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("numbers have a decimal comma on request") {
  const TempFolder dir;
  put(dir / "x.csv", "1,5;-2,25\n3e1;4\n");
  CHECK(values(read_csv(dir / "x.csv", {.decimal_comma = true}))
            .identical(Tensor::from<double>({1.5, -2.25, 30, 4}, {2, 2})));
  put(dir / "x.csv", "1,5;2\n1.5;4\n");
  CHECK(error_of(dir, [&] { read_csv(dir / "x.csv", {.decimal_comma = true}); }) ==
        "read_csv: DIR/x.csv: line 2, column 1: expected a number, found '1.5'");
}

TEST_CASE("a header is told from a first row") {
  const TempFolder dir;
  const auto header = [&](const std::string& text, HeaderRow row = HeaderRow::kAuto) {
    put(dir / "x.csv", text);
    const auto words = [](const std::vector<std::string>& names) {
      return std::vector<CsvUse>(names.size(), CsvUse::kWords);
    };
    return read_csv(dir / "x.csv", {.header = row, .use = words}).header;
  };
  CHECK(header("a,b\n1,2\n"));
  CHECK(header("a,a\n1,2\n"));
  CHECK(header("colour,size\nred,small\n"));
  CHECK(header("label,0,1,2\n7,0,0,255\n"));
  CHECK(header(",0,1\n0,5,6\n"));
  CHECK(header("a,\nx,2\n"));
  CHECK(!header("5.1,?,3\n4,5,6\n"));
  CHECK(!header("?,x,y\nz,x,y\n"));
  CHECK(!header("p,x,s,x\ne,x,y,w\n"));
  CHECK(!header("red,1.5\nblue,2\n"));
  CHECK(!header("1,2,x3\n4,5,6\n"));
  CHECK(!header("2020-03-09,a\n2020-03-10,b\n"));
  CHECK(!header("1,2\n3,4\n"));
  CHECK(header("1,2\n3,4\n", HeaderRow::kYes));
  CHECK(!header("a,b\n3,4\n", HeaderRow::kNo));
}

TEST_CASE("a compressed CSV file is told by its content, zeros behind it do not count") {
  const TempFolder dir;
  {
    AtomicFile file(dir / "x", "test");
    GzipSink gzip(file);
    for (int i = 0; i < 50000; ++i)
      gzip.write(std::to_string(i) + "," + std::to_string(2 * i) + "\n");
    gzip.finish();
    file.commit();
  }
  put(dir / "padded", get(dir / "x") + std::string(100000, '\0'));
  for (const char* name : {"x", "padded"}) {
    const Csv csv = read_csv(dir / name);
    REQUIRE(csv.rows() == 50000);
    double error = 0;
    for (std::size_t i = 0; i < 50000; ++i) {
      error += std::fabs(csv.columns[0].numbers[i] - static_cast<double>(i));
      error += std::fabs(csv.columns[1].numbers[i] - static_cast<double>(2 * i));
    }
    CHECK(error == 0);
  }
}

TEST_CASE("extreme numbers keep their value or are refused") {
  const TempFolder dir;
  put(dir / "x",
      "inf,-inf,1e-400,5e-324,1.7976931348623157e308,1e-5000,-0.0001e-4999,0e9999,1e-"
      "99999999999\n");
  const Tensor x = values(read_csv(dir / "x"));
  CHECK(x.at(0) == INFINITY);
  CHECK(x.at(1) == -INFINITY);
  CHECK(x.at(2) == 0);
  CHECK(x.at(3) == std::numeric_limits<double>::denorm_min());
  CHECK(x.at(4) == std::numeric_limits<double>::max());
  for (std::int64_t i = 5; i < 9; ++i) CHECK(x.at(i) == 0);
  for (const std::string& large : {"1e309"s, "1e5000"s, "1e99999999999"s, "100e4999"s}) {
    put(dir / "x", "1\n" + large + "\n");
    CHECK(error_of(dir, [&] { read_csv(dir / "x"); }) ==
          "read_csv: DIR/x: line 2, column 1: too large for f64, found '" + large + "'");
  }
}

TEST_CASE("what stands for a missing value is NaN, and no word") {
  const TempFolder dir;
  put(dir / "x", "1,a\n,\n?,?\nNA,na\nn/a,N/A\nNaN,nan\nNull,NULL\n-,b\n.,a\nNone,b\n");
  const Csv csv = read_csv(dir / "x", {.header = HeaderRow::kNo, .use = [](const auto&) {
                                         return std::vector{CsvUse::kNumbers, CsvUse::kWords};
                                       }});
  REQUIRE(csv.rows() == 10);
  CHECK(csv.columns[0].numbers[0] == 1);
  for (std::size_t i = 1; i < 10; ++i) CHECK(std::isnan(csv.columns[0].numbers[i]));
  CHECK(csv.columns[1].words == std::vector<std::string>{"a", "b"});
  CHECK(csv.columns[1].ids == std::vector<std::int32_t>{0, -1, -1, -1, -1, -1, -1, 1, 0, 1});
}

TEST_CASE("a column of dates or times is read as such") {
  const TempFolder dir;
  for (const std::string& time :
       {"2020-03-09 10:14:33"s, "2020-03-09"s, "9/3/2020"s, "09.03.20"s, "10:14"s, "1:14:33 PM"s,
        "2020-03-09T10:14:33.25+01:00"s, "2020/3/9 10:14Z"s}) {
    CAPTURE(time);
    put(dir / "x", "1," + time + "\n2," + time + "\n");
    const Csv csv = read_csv(dir / "x");
    CHECK(csv.columns[1].time);
    CHECK(values(csv).identical(Tensor::from<double>({1, 2}, {2, 1})));
  }
  for (const std::string& none : {"192.168.0.1"s, "555-123-4567"s, "1-2"s, "12:3"s, "v1.2.3"s}) {
    CAPTURE(none);
    put(dir / "x", "1," + none + "\n");
    CHECK(error_of(dir, [&] { read_csv(dir / "x", {.header = HeaderRow::kNo}); }) ==
          "read_csv: DIR/x: line 1, column 2: expected a number, found '" + none +
              "': a column of words is left out (--drop) or a category (--category)");
  }
}

TEST_CASE("columns that are read as nothing may hold anything") {
  const TempFolder dir;
  put(dir / "x", "when;speed;label\nnoon;1.5;a\n5;2.5;\n");
  const Csv csv =
      read_csv(dir / "x", {.use = [](const std::vector<std::string>& names) {
                 CHECK(names == std::vector<std::string>{"when", "speed", "label"});
                 return std::vector{CsvUse::kNothing, CsvUse::kNumbers, CsvUse::kNothing};
               }});
  CHECK(values(csv).identical(Tensor::from<double>({1.5, 2.5}, {2, 1})));
}

TEST_CASE("a bad CSV file says in which line and column") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_csv(dir / "x"); });
  };
  const std::string words = ": a column of words is left out (--drop) or a category (--category)";
  CHECK(text("") == "read_csv: DIR/x: expected rows of numbers, found none");
  CHECK(text("\n\n") == "read_csv: DIR/x: expected rows of numbers, found none");
  CHECK(text("1,2\n\n3\n") == "read_csv: DIR/x: line 3: expected 2 columns, found 1");
  CHECK(text("a,b\n1,2,3\n") == "read_csv: DIR/x: line 2: expected 2 columns, found 3");
  CHECK(text("a,b\n1,2\n3,x1\n") ==
        "read_csv: DIR/x: line 3, column 2 (b): expected a number, found 'x1'");
  CHECK(text("a,b\n1,red\n3,blue\n") ==
        "read_csv: DIR/x: line 2, column 2 (b): expected a number, found 'red'" + words);
  CHECK(text("1,2,x3\n4,5,6\n") ==
        "read_csv: DIR/x: line 1, column 3: expected a number, found 'x3': if this line names the "
        "columns, say so (--header yes)");
  CHECK(text("1,2\n3,4 5\n") ==
        "read_csv: DIR/x: line 2, column 2: expected a number, found '4 5'");
  CHECK(text("1,2\r\n3\r\n") == "read_csv: DIR/x: line 2: expected 2 columns, found 1");
  CHECK(text("1 2\n3\n") ==
        "read_csv: DIR/x: line 2: expected 2 columns parted by blanks, found 1");
  CHECK(text("a;b,c\n1,2\n") ==
        "read_csv: DIR/x: line 2: expected 2 columns parted by ';', found 1");
  CHECK(text("a\tb,c\n1,2\n") ==
        "read_csv: DIR/x: line 2: expected 2 columns parted by tabs, found 1");
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
  CHECK(text(std::string(1 << 21, ',')) == "read_csv: DIR/x: line 1: more than 1048576 columns");
}

TEST_CASE("a header alone makes an empty table with its names") {
  const TempFolder dir;
  put(dir / "x", "a,b\n");
  const Csv csv = read_csv(dir / "x");
  CHECK(csv.rows() == 0);
  CHECK(names(csv) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("no damage to a CSV file does worse than a FileError") {
  const TempFolder dir;
  damage(dir / "x", "a,\"b \"\"c\"\"\"\r\n1,2e5\n3,\"-4\"\n",
         [](const std::string& p) { read_csv(p); });
}

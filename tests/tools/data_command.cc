// What `hourglass data` says of a path.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tensor/files/png.h"
#include "tests/tools/data_files.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

std::string told(const std::string& arguments) {
  const Output output = run_hourglass("data " + arguments);
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  return output.out;
}

std::string with_a_hole() {
  return "day,warm,dull,kind\n1,300.5,7,a\n2,,7,b\n3,299.5,7,a\n4,301.5,7,a\n";
}

}  // namespace

TEST_CASE("data shows classes, and each column's range, holes and whether it is constant") {
  const TemporaryFolder folder;
  const std::string path = folder.path("table.csv");
  write_bytes(path, with_a_hole());
  const std::string checksum =
      json::parse(told(path + " --label kind --json"))["checksum"].get<std::string>();
  CHECK(told(path + " --label kind") ==
        "header: the first line names the columns\n"
        "4 rows of 3 columns, without a test part of their own, stored as f64\n"
        "2 classes: a (3) b (1)\n"
        "checksum " +
            checksum +
            "\n"
            "column                          least         mean      largest  missing\n"
            "day                                 1          2.5            4        0\n"
            "warm                            299.5        300.5        301.5        1\n"
            "dull                                7            7            7        0  constant\n"
            "constant: 1 of 3 columns\n");
}

TEST_CASE("data says the type that the file has") {
  const TemporaryFolder folder;
  std::string header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }";
  header.resize(117, ' ');
  write_bytes(folder.path("x.npy"), std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" +
                                        std::string("\x00\x3c\x00\x40\x00\x3c\x00\x44", 8));
  CHECK(told(folder.path("x.npy"))
            .starts_with("2 rows of 2 columns, without a test part of their own, stored as f16\n"));
  CHECK(json::parse(told(folder.path("x.npy") + " --json"))["dtype"] == "f16");
}

TEST_CASE("data --json has what the text has") {
  const TemporaryFolder folder;
  const std::string path = folder.path("table.csv");
  write_bytes(path, with_a_hole());
  json all = json::parse(told(path + " --label kind --json"));
  CHECK(all["checksum"].get<std::string>().size() == 8);
  all.erase("checksum");
  json expected = json::parse(R"({"kind": "row", "count": 4, "test": 0, "shape": [3],
    "dtype": "f64", "classes": {"a": 3, "b": 1}, "columns": [
      {"name": "day", "least": 1, "mean": 2.5, "most": 4, "missing": 0, "constant": false},
      {"name": "warm", "least": 299.5, "mean": 300.5, "most": 301.5, "missing": 1,
       "constant": false},
      {"name": "dull", "least": 7, "mean": 7, "most": 7, "missing": 0, "constant": true}]})");
  CHECK(all == expected);
}

TEST_CASE("data counts a series' steps and recordings, and draws pictures on a sheet") {
  const TemporaryFolder folder;
  write_bytes(folder.path("run/1.csv"), sensors_csv(20));
  CHECK(told(folder.path("run/1.csv") + " --window 8")
            .find("\n20 time steps of 2 channels in 1 recording, without a test part") !=
        std::string::npos);
  write_bytes(folder.path("run/2.csv"), sensors_csv(30));
  CHECK(told(folder.path("run") + " --window 8")
            .find("\n50 time steps of 2 channels in 2 recordings, without a test part") !=
        std::string::npos);
  const std::string photos = folder.path("photos"), sheet = folder.path("sheet.png");
  write_photos(photos);
  const std::string out = told(photos + " -o " + sheet);
  CHECK(
      out.starts_with("20 images of 32 by 24 in colour, without a test part of their own, "
                      "stored as u8\nno labels\nchecksum "));
  CHECK(out.find("\npixels from ") != std::string::npos);
  CHECK(out.ends_with("\nwrote the first 20 images to " + sheet + "\n"));
  CHECK(read_png(sheet).shape()[2] == 3);
  const Output refused = run_hourglass("data " + folder.path("run/1.csv") + " -o " + sheet);
  CHECK(refused.code == 2);
  CHECK(refused.err ==
        "hourglass: error: data: output: a sheet shows images: these are rows of 2 columns\n");
}

TEST_CASE("without a path the data are the built-in digits, the same for ever") {
  CHECK(told("") ==
        "12000 images of 28 by 28, and a test part of 2000, stored as u8\n"
        "10 classes: 0 (1200) 1 (1200) 2 (1200) 3 (1200) 4 (1200) 5 (1200) 6 (1200) 7 (1200) 8 "
        "(1200) 9 (1200)\n"
        "checksum 79d1ac19\n"
        "pixels from 0 to 255\n");
}

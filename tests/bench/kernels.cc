#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "bench/kernels/report.h"
#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

std::vector<json> objects(const std::string& text) {
  std::vector<json> found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) found.push_back(json::parse(line));
  return found;
}

// 1000 elements of tanh, three repetitions of 400 ns and more.
bench::Figures tanh_figures() {
  bench::Figures figures;
  figures.name = "tanh/f32/L1/1";
  figures.work = {.bytes = 8000, .instructions = 13000, .elements = 1000};
  figures.seconds = {440e-9, 400e-9, 500e-9};
  figures.shares = {0.5, 0.52, 0.48};
  figures.by_arithmetic = true;
  return figures;
}

}  // namespace

TEST_CASE("hourglass bench prints rates, and shares of a ceiling taken beside each repetition") {
  const Output output =
      run_hourglass("bench 'gemm_NN/128x36x784/f64/1$' --json --seconds 0.001 --repetitions 3");
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  const std::vector<json> lines = objects(output.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].contains("cpu"));
  CHECK(lines[0]["cores"].get<int>() > 0);
  CHECK(lines[0]["ceilings"][0]["threads"] == 1);
  CHECK(lines[0]["ceilings"][0]["f64_gflop_per_s"].get<double>() > 0);
  CHECK(lines[0]["ceilings"][0]["L1_gb_per_s"].get<double>() > 0);
  const json& row = lines[1];
  CHECK(row["kernel"] == "gemm_NN/128x36x784/f64/1");
  CHECK(row["repetitions"] == 3);
  CHECK(row["gflop_per_s"].get<double>() > 0);
  CHECK(row["ns"]["min"].get<double>() <= row["ns"]["median"].get<double>());
  CHECK(row["share"]["min"].get<double>() > 0);
  CHECK(row["share_of"] == "arithmetic");
  CHECK_FALSE(row.contains("ns_an_element"));
  const double bytes = 8.0 * (128 * 784 + 784 * 36 + 128 * 36);
  CHECK(row["flop_per_byte"].get<double>() == doctest::Approx(2.0 * 128 * 36 * 784 / bytes));
}

TEST_CASE("hourglass bench holds functions against the arithmetic, copies against the bandwidth") {
  const Output output =
      run_hourglass("bench '^(erf|relu)/f64/L1/1$' --json --seconds 0.001 --repetitions 1");
  REQUIRE(output.code == 0);
  const std::vector<json> lines = objects(output.out);
  REQUIRE(lines.size() == 3);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const bool erf = lines[i]["kernel"].get<std::string>().starts_with("erf");
    CHECK(lines[i]["share_of"] == (erf ? "arithmetic" : "bandwidth"));
    CHECK(lines[i]["ns_an_element"].get<double>() > 0);
  }
}

TEST_CASE("a measured kernel is one line: the median, its spread, rates and the share") {
  bench::Figures figures = tanh_figures();
  CHECK(bench::table_line(figures) ==
        "tanh/f32/L1/1                               440  (+10 %)      0.4400         -    18.18   "
        "52 % of arithmetic\n");
  figures.work = {.bytes = 4000, .operations = 88000, .instructions = 44000};
  figures.by_arithmetic = false;
  CHECK(bench::table_line(figures) ==
        "tanh/f32/L1/1                               440  (+10 %)           -    200.00     9.09   "
        "52 % of bandwidth\n");
  const json line = json::parse(bench::json_line(tanh_figures()));
  CHECK(line["ns"]["min"].get<double>() == doctest::Approx(400));
  CHECK(line["ns"]["max"].get<double>() == doctest::Approx(500));
  CHECK(line["ns_an_element"].get<double>() == doctest::Approx(0.44));
  CHECK(line["share"]["max"].get<double>() == doctest::Approx(0.52));
  CHECK_FALSE(line.contains("gflop_per_s"));
}

TEST_CASE("hourglass bench says where the machine is loaded") {
  CHECK(bench::loaded_line(2, 2, 0, 9) == "");
  CHECK(
      bench::loaded_line(2.6, 2, 0, 1) ==
      "The machine is loaded: load average 2.6 on 2 cores, 0 of 1 row with a median more than 20 % "
      "above the least. Shares, of the least times, bear that better.\n");
  CHECK(
      bench::loaded_line(0.1, 1, 3, 9) ==
      "The machine is loaded: load average 0.1 on 1 core, 3 of 9 rows with a median more than 20 % "
      "above the least. Shares, of the least times, bear that better.\n");
  bench::Figures figures = tanh_figures();
  CHECK_FALSE(bench::wavers(figures));
  figures.seconds = {400e-9, 490e-9, 500e-9};
  CHECK(bench::wavers(figures));
}

TEST_CASE("a picture that nothing draws is refused ahead of measuring") {
  const TemporaryFolder folder;
  const std::string picture = folder.path("roof.svg");
  const Output output = run_hourglass("bench gemm --roofline " + picture, folder.path());
  CHECK(output.code == 2);
  CHECK(output.out == "");
  CHECK(output.err ==
        "hourglass: error: bench: " + picture + ": is drawn by gnuplot, which is not installed\n");
  CHECK_FALSE(std::filesystem::exists(picture));
}

TEST_CASE("hourglass bench ends with 1 where its table cannot be written") {
  const Output output = run_program("/bin/sh", "-c '\"" HOURGLASS_PROGRAM
                                               "\" bench tanh/f32/L1/1 --seconds 0.001 "
                                               "--repetitions 1 >/dev/full'");
  CHECK(output.code == 1);
  CHECK(output.err == "hourglass: error: standard output: cannot write: No space left on device\n");
}

TEST_CASE("hourglass bench refuses what it cannot do in one line, ahead of measuring") {
  const std::pair<const char*, const char*> rows[] = {
      {"no_such_kernel", "no kernel matches no_such_kernel: without a filter all are listed"},
      {"'*['", "not a regular expression: *["},
      {"--seconds 0", "seconds: expected above 0, at most 3600: got 0"},
      {"--seconds 1e300", "seconds: expected above 0, at most 3600: got 1e+300"},
      {"--repetitions 0", "repetitions: must be 1 or more: got 0"},
      {"gemm --roofline roof.jpg", "roof.jpg: a picture is FILE.svg or FILE.png"},
      {"gemm --roofline /nowhere/roof.svg",
       "/nowhere/roof.svg: cannot be written: No such file or directory"}};
  for (const auto& [words, line] : rows) {
    const Output output = run_hourglass("bench " + std::string(words));
    CHECK(output.code == 2);
    CHECK(output.out == "");
    CHECK(output.err == "hourglass: error: bench: " + std::string(line) + "\n");
  }
}

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

TEST_CASE("hourglass bench prints rates and shares, or says what it is missing") {
  const bool built = std::filesystem::exists(HOURGLASS_BENCH "/kernels");
  const Output output = run_hourglass("bench 'gemm_NN/128x36x784/f64/1$' --json --seconds 0.001");
  if (!built) {
    CHECK(output.code == 2);
    CHECK(output.err.ends_with(
        "it is built where Google Benchmark is installed (libbenchmark-dev)\n"));
    return;
  }
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  const json result = json::parse(output.out);
  CHECK(result["context"].contains("cpu"));
  CHECK(std::stod(result["context"]["f64 GFLOP/s, 1 threads"].get<std::string>()) > 0);
  REQUIRE(result["benchmarks"].size() == 1);
  const json& row = result["benchmarks"][0];
  CHECK(row["GFLOP/s"].get<double>() > 0);
  CHECK(row["share"].get<double>() > 0);
  const double bytes = 8.0 * (128 * 784 + 784 * 36 + 128 * 36);
  CHECK(row["FLOP/byte"].get<double>() == doctest::Approx(2.0 * 128 * 36 * 784 / bytes));
}

TEST_CASE("hourglass bench refuses what it cannot do in one line, ahead of measuring") {
  if (!std::filesystem::exists(HOURGLASS_BENCH "/kernels")) return;
  const std::pair<const char*, const char*> rows[] = {
      {"no_such_kernel", "no kernel matches no_such_kernel: without a filter all are listed"},
      {"'*['", "not a regular expression: *["},
      {"--seconds 0", "seconds: must be positive: got 0"},
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

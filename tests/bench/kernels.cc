#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

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

TEST_CASE("hourglass bench refuses a filter that nothing matches") {
  if (!std::filesystem::exists(HOURGLASS_BENCH "/kernels")) return;
  const Output output = run_hourglass("bench no_such_kernel");
  CHECK(output.code == 2);
  CHECK(output.err ==
        "bench: error: no kernel matches no_such_kernel: without a filter all are listed\n");
}

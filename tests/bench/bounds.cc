#include <doctest/doctest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

const std::string kBounds = HOURGLASS_BENCH "/bounds";

}  // namespace

TEST_CASE("bench/bounds prints an object a row, with the ratio where there is a bound") {
  const Output output = run_program(kBounds, "tanh bias_relu --threads 1 --seconds 0.02 --json");
  REQUIRE(output.code == 0);
  const std::size_t end = output.out.find('\n');
  const json lane = json::parse(output.out.substr(0, end));
  CHECK(lane["row"] == "tanh");
  CHECK(lane["unit"] == "ns an element");
  CHECK(lane["ours"].get<double>() > 0);
  CHECK_FALSE(lane.contains("ratio"));
  const json loop = json::parse(output.out.substr(end + 1));
  CHECK(loop["row"] == "bias_relu");
  CHECK(loop["limit"].get<double>() > 0);
  CHECK(loop["pairs"].get<int>() >= 5);
  CHECK(loop["ratio"]["min"].get<double>() <= loop["ratio"]["median"].get<double>());
}

TEST_CASE("bench/bounds times each row on one core and on two, and says what is above 1.2x") {
  const Output output = run_program(kBounds, "mse_gradient --seconds 0.02");
  REQUIRE(output.code == 0);
  std::istringstream in(output.out);
  std::string line;
  for (const char* head : {" kernels, ", "products: ", "threads"}) {
    std::getline(in, line);
    CHECK(line.find(head) != std::string::npos);
  }
  for (const std::string threads : {"1", "2"}) {
    std::getline(in, line);
    CAPTURE(line);
    CHECK(line.starts_with("mse_gradient         " + threads + " "));
    double ratio = 0;
    CHECK(std::sscanf(line.c_str() + line.find(": "), ": %lfx", &ratio) == 1);
    if (ratio != 1.2) CHECK(line.ends_with(", above 1.2x") == (ratio > 1.2));
  }
  CHECK_FALSE(std::getline(in, line));
}

TEST_CASE("bench/bounds says which rows its build is without") {
  for (const std::string row : {"eigen", "onednn_first"}) {
    const Output output = run_program(kBounds, row + " --threads 1 --seconds 0.02 --json");
    REQUIRE(output.code == 0);
    const json line = json::parse(output.out);
    CHECK(line["row"] == row);
    CHECK(line.contains("missing") != line.contains("ratio"));
    const std::string name = row == "eigen" ? "Eigen (libeigen3-dev)" : "oneDNN (libdnnl-dev)";
    if (line.contains("missing")) CHECK(line["missing"] == name);
  }
}

TEST_CASE("bench/bounds refuses what it cannot do in one line") {
  const Output output = run_program(kBounds, "cosine");
  CHECK(output.code == 2);
  CHECK(
      output.err ==
      "bounds: error: bounds: there is no row named cosine: expected one of tanh, sigmoid, normal, "
      "product_f64, gradcheck, products, eigen, onednn_product, onednn_first, onednn_middle, "
      "onednn_weights, dlib, sparse, adam, bias_relu, mse_gradient\n");
  CHECK(
      run_program(kBounds, "--threads 1,,2 adam").err ==
      "bounds: error: bounds: --threads: expected a number before and after each comma: got 1,,2: "
      "see bounds --help\n");
}

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

const std::string kBounds = HOURGLASS_BENCH "/bounds";

}  // namespace

TEST_CASE("bench/bounds prints an object a row, with the ratio where there is a bound") {
  const Output output = run_program(kBounds, "tanh bias_relu --seconds 0.02 --json");
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

TEST_CASE("bench/bounds refuses what it cannot do in one line") {
  const Output output = run_program(kBounds, "cosine");
  CHECK(output.code == 2);
  CHECK(
      output.err ==
      "bounds: error: bounds: there is no row named cosine: expected one of tanh, sigmoid, normal, "
      "products, sparse, adam, bias_relu, mse_gradient\n");
}

#include <doctest/doctest.h>

#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

TEST_CASE("bench/compare has a row for each workload of bench/train, and names them in its error") {
  const Output output = run_program("python3", HOURGLASS_SOURCE_ROOT "/bench/compare W9");
  CHECK(output.code == 2);
  const std::string error = output.err.substr(output.err.find("compare: error: "));
  CHECK(error ==
        "compare: error: there is no row W9: expected one of W1, W2b128, W2b512, W3, W4, W5, W6a, "
        "W6b, W6c, W8, W7a-b1, W7a-b256, W7b-b1, W7b-b256, W7c-b1, W7c-b256, W6b-closed, W6b-own, "
        "tanh, sigmoid, "
        "normal, epoch, products, adam, bias_relu, mse_gradient\n");
  const std::string ours = run_program(HOURGLASS_BENCH "/train", "W9").err;
  const std::string list = ours.substr(ours.find("W1"), ours.size() - ours.find("W1") - 1);
  CHECK(error.find("expected one of " + list) != std::string::npos);
}

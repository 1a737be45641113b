#include "autograd/certificate/fuzz.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "tests/autograd/support.h"

using namespace hourglass;
using namespace hourglass::check;

namespace {

int graphs() {
  const char* full = std::getenv("HOURGLASS_FULL");
  return full && std::string_view(full) == "1" ? 10000 : 500;
}

}  // namespace

TEST_CASE("random graphs: gradients are right, programs and simplified graphs keep values") {
  const FuzzReport report = fuzz(1, graphs());
  CHECK_MESSAGE(report.failures.empty(), to_text(report));
  CHECK(report.graphs == graphs());
}

TEST_CASE("a wrong derivative is found by random graphs and cut down to a small one") {
  auto& rule = const_cast<Op*>(find_op("cos"))->vjp[0];
  const Derivative kept = rule;
  rule = Derivative([](const Call& c, const Var& g) { return g * sin(c[0]); });
  const FuzzReport report = fuzz(1, 500, 1);
  rule = kept;
  REQUIRE(report.failures.size() == 1);
  const std::string& shown = report.failures[0];
  CHECK(shown.find("gradient against differences") != std::string::npos);
  CHECK(shown.find("cos(") != std::string::npos);
  CHECK(std::count(shown.begin(), shown.end(), '\n') <= 6);  // one step, at most three inputs
}

TEST_CASE("random graphs hold every op of the library") {
  const std::vector<std::string> met = fuzzed_ops(1, 500);
  for (const Op* op : all_ops()) {
    if (testing::is_tests_own(op->name)) continue;
    CAPTURE(op->name);
    CHECK(std::find(met.begin(), met.end(), op->name) != met.end());
  }
}

#include "autograd/certificate/certificate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "tests/autograd/support.h"

using namespace hourglass;
using namespace hourglass::check;
using testing::is_tests_own;
using testing::writable;

namespace {

// An op whose derivative rule is swapped while this lives. The registry owns the op; nothing else
// runs.
class WrongRule {
 public:
  WrongRule(const char* op, int argument, VjpRule rule)
      : derivative_(const_cast<Op*>(find_op(op))->vjp[argument]), kept_(derivative_) {
    derivative_ = Derivative(rule);
  }
  ~WrongRule() { derivative_ = kept_; }

 private:
  Derivative& derivative_;
  Derivative kept_;
};

template <class Rule>
class Wrong {
 public:
  Wrong(Rule& rule, Rule wrong) : rule_(rule), kept_(rule) { rule_ = wrong; }
  ~Wrong() { rule_ = kept_; }

 private:
  Rule& rule_;
  Rule kept_;
};

bool passed(const char* op, Column column) { return certify(*find_op(op))[column].passed(); }

}  // namespace

TEST_CASE("every op has a row in the certificate") {
  for (const std::string& name : ops_without_row()) {
    if (!is_tests_own(name)) FAIL_CHECK("no row for ", name);
  }
}

TEST_CASE("every column of every row of the certificate holds") {
  for (const Certificate& c : certify_all()) {
    if (!is_tests_own(c.name)) CHECK_MESSAGE(c.passed(), c.failures());
  }
}

TEST_CASE("every op with inputs can be batched without a loop") {
  for (const Op* op : all_ops()) {
    if (op->leaf || op->is_lane() || op->name == "eye" || is_tests_own(op->name)) continue;
    CAPTURE(op->name);
    CHECK(bool(op->batch));
  }
}

TEST_CASE("the certificate sees a derivative with a wrong sign, factor or term") {
  CHECK(passed("tanh", Column::kFirst));
  {
    const WrongRule wrong("tanh", 0,
                          [](const Call& c, const Var& g) { return g * (square(c.output) - 1); });
    CHECK_FALSE(passed("tanh", Column::kFirst));
  }
  {
    const WrongRule wrong("matmul", 1, [](const Call& c, const Var&) { return zeros_like(c[1]); });
    CHECK_FALSE(passed("matmul", Column::kFirst));
    CHECK_FALSE(passed("matmul", Column::kAdjoint));
  }
  CHECK(passed("tanh", Column::kFirst));
}

TEST_CASE("the certificate sees a rule that is right to the first order and wrong to the second") {
  const WrongRule wrong("tanh", 0, [](const Call& c, const Var& g) {
    return g * stop_gradient(1 - square(c.output));
  });
  CHECK(passed("tanh", Column::kFirst));
  CHECK_FALSE(passed("tanh", Column::kSecond));
}

TEST_CASE("the certificate sees a rule that is right to the second order and wrong to the third") {
  const WrongRule wrong("tanh", 0, [](const Call& c, const Var& g) {
    const Var y = c.output;
    const Var held = stop_gradient(y);
    return g * (1 - square(held) - 2 * held * (y - held));  // a tangent: no curvature
  });
  CHECK(passed("tanh", Column::kSecond));
  CHECK_FALSE(passed("tanh", Column::kThird));
}

TEST_CASE("the certificate sees tails that turn infinite") {
  const WrongRule wrong("tanh", 0, [](const Call& c, const Var& g) {
    const Var e = exp(-2 * c[0]);
    return g * (4 * e / square(1 + e));  // 1 / cosh^2: right, and inf / inf for large -x
  });
  CHECK_FALSE(passed("tanh", Column::kFirst));
}

TEST_CASE("the certificate sees a wrong batching rule and a follow rule that lies") {
  {
    const Wrong wrong(
        writable("flip").batch, +[](const BatchCall& b) { return b.inputs[0]; });
    CHECK_FALSE(passed("flip", Column::kBatching));
  }
  {
    const Wrong wrong(
        writable("cumsum").follow, +[](const Call&, int, int axis) { return axis; });
    CHECK_FALSE(passed("cumsum", Column::kBatching));
  }
  CHECK(passed("flip", Column::kBatching));
  CHECK(passed("cumsum", Column::kBatching));
}

TEST_CASE("an op without a row has holes, and holes are null in JSON") {
  static const Op& own =
      define({.name = "test_certificate", .type = same_as_first, .kernel = copy_kernel});
  const Certificate c = certify(own);
  CHECK_FALSE(c.passed());
  CHECK(c[Column::kFirst].hole());
  const auto json = nlohmann::json::parse(to_json({c}));
  CHECK(json[0]["op"] == "test_certificate");
  CHECK(json[0]["first"].is_null());
  const std::vector<std::string> missing = ops_without_row();
  CHECK(std::find(missing.begin(), missing.end(), own.name) != missing.end());
}

TEST_CASE("the certificate is a line an op as text and an object an op as JSON") {
  const std::vector<Certificate> two = {certify(*find_op("tanh")), certify(*find_op("argmax"))};
  const std::string text = to_text(two);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find("\ntanh ") != std::string::npos);
  const auto json = nlohmann::json::parse(to_json(two));
  REQUIRE(json.size() == 2);
  CHECK(json[0]["op"] == "tanh");
  for (const char* key : {"value", "first", "second", "third", "f32", "batching", "compiled"}) {
    CAPTURE(key);
    CHECK(json[0][key].is_number());
  }
  CHECK(json[0]["adjoint"] == "not linear");
  CHECK(json[1]["first"] == "no real argument or result");
}

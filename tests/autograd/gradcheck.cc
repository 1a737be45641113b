#include "autograd/check/gradcheck.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::random_tensor;
using testing::vector_of;
using Vars = std::vector<Var>;

// y = x^2 / 2 with rules that are right, off by a factor, right at first order only, and zero.
void half_square(const KernelCall& k) {
  for (std::int64_t i = 0; i < k.elements(); ++i) {
    const double x = k.inputs[0].as<double>()[i];
    k.output.as<double>()[i] = 0.5 * x * x;
  }
}
const Op& right_op = define({
    .name = "test_half_square",
    .type = same_as_first,
    .kernel = half_square,
    .vjp = {[](const Call& c, const Var& g) { return g * c[0]; }},
});
const Op& factor_op = define({
    .name = "test_wrong_factor",
    .type = same_as_first,
    .kernel = half_square,
    .vjp = {[](const Call& c, const Var& g) { return g * (1.001 * c[0]); }},
});
const Op& second_op = define({
    .name = "test_wrong_second",
    .type = same_as_first,
    .kernel = half_square,
    .vjp = {[](const Call& c, const Var& g) { return g * stop_gradient(c[0]); }},
});
const Op& hidden_op = define({
    .name = "test_hidden_second",
    .type = same_as_first,
    .kernel = half_square,
    // The rule's own rule is wrong, and no stop_gradient says so.
    .vjp = {[](const Call& c, const Var& g) {
      return g * (c[0] + 10 * (apply(factor_op, {c[0]}) - 0.5 * square(c[0])));
    }},
});
const Op& zero_op = define({
    .name = "test_wrong_zero",
    .type = same_as_first,
    .kernel = half_square,
    .vjp = {kZero},
});

const Op& slanted_op = define({
    // has the derivative x, says that it is 1
    .name = "test_slanted",
    .type = same_as_first,
    .kernel = half_square,
    .vjp = {[](const Call&, const Var& g) { return g; }},
});

Function with(const Op& op) {
  return [&op](const Vars& x) { return sin(apply(op, {tanh(x[0])})) * x[0]; };
}
const Tensor kPoint = random_tensor(Shape{5}, 1);

TEST_CASE("a right rule passes both orders, far below the tolerances") {
  const CheckReport report = gradgradcheck(with(right_op), {kPoint});
  CHECK(report.passed);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.elements == 5);
  CHECK(report.directions == 0);
  CHECK(report.held == 0);
  CHECK(report.findings[0].error < 1e-10);
  CHECK(report.findings[1].order == 2);
  CHECK(report.findings[1].error < 1e-9);
  CHECK(report.findings[0].verdict.starts_with("agrees: "));
}

TEST_CASE("a wrong factor is a plateau, and the op is named") {
  const CheckReport report = gradgradcheck(with(factor_op), {kPoint});
  CHECK_FALSE(report.passed);
  REQUIRE(report.findings.size() == 1);
  const CheckFinding& f = report.findings[0];
  CHECK(f.order == 1);
  CHECK(f.variable == "input 0");
  CHECK(f.shape == Shape{5});
  CHECK(f.index >= 0);
  CHECK(f.error > 1e-7);
  CHECK(f.outcome == CheckOutcome::kWrong);
  CHECK(f.verdict.starts_with("wrong derivative: the error stays at "));
  CHECK(f.suspects ==
        std::vector<std::string>{"wrong by itself: test_wrong_factor, argument 0: a=[5]"});
}

TEST_CASE("a report says at which element the error is largest") {
  const Tensor point = Tensor::from<double>({0.1, -0.2, 0.3, 0.1, -0.1, 2}, {2, 3});
  const std::string text = to_string(gradgradcheck(with(factor_op), {point}));
  CHECK(text.find(" in input 0 [2, 3] at [1, 2]") != std::string::npos);
}

TEST_CASE("a first order that is right and a second that is wrong fail at the second") {
  const CheckReport report = gradgradcheck(with(hidden_op), {kPoint});
  CHECK_FALSE(report.passed);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].passed);
  CHECK_FALSE(report.findings[1].passed);
  CHECK(report.findings[1].verdict.starts_with("wrong derivative"));
  CHECK(gradcheck(with(hidden_op), {kPoint}).passed);
}

TEST_CASE("a derivative declared zero that is not is caught") {
  const CheckReport report = gradcheck(with(zero_op), {kPoint});
  CHECK_FALSE(report.passed);
  CHECK(report.findings[0].suspects ==
        std::vector<std::string>{"wrong by itself: test_wrong_zero, argument 0: a=[5]"});
}

TEST_CASE("stop_gradient nodes are held at their values, and the report says so") {
  const auto surrogate = [](const Vars& x) {
    const Var soft = tanh(3 * x[0]);
    return soft + stop_gradient(sign(x[0]) + exp(x[0]) - soft);
  };
  const CheckReport report = gradgradcheck(surrogate, {kPoint});
  CHECK(report.passed);
  CHECK(report.held == 1);
  CHECK(to_string(report).find("1 stop_gradient nodes held at their values") != std::string::npos);
}

TEST_CASE("a rule that hides a dependence by stop_gradient fails at the second order") {
  const CheckReport report = gradgradcheck(with(second_op), {kPoint});
  CHECK_FALSE(report.passed);
  CHECK(report.held == 0);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].passed);
  CHECK(report.findings[1].outcome == CheckOutcome::kWrong);
  CHECK(report.findings[1].suspects ==
        std::vector<std::string>{"wrong by itself: test_wrong_second, argument 0: a=[5]"});
}

TEST_CASE("a derivative that is 0 everywhere tests nothing, and does not pass") {
  const Var w = parameter(vector_of({-1, -2})).named("w");
  const Var unused = parameter(vector_of({3})).named("unused");
  for (const CheckReport& report :
       {gradcheck(sum(square(w)), {unused}), gradcheck(sum(relu(w)), {w})}) {
    CHECK_FALSE(report.passed);
    CHECK(report.findings[0].outcome == CheckOutcome::kUndecided);
    CHECK(report.findings[0].verdict ==
          "undecided: the derivative is 0 everywhere here, which tests nothing");
    CHECK(to_string(report).starts_with("gradient check: UNDECIDED: "));
  }
  CHECK(gradcheck(sum(square(w)), {w, unused}).passed);
  // The second order of a linear function is 0 and is a test.
  CHECK(gradgradcheck(sum(2 * w), {w}).passed);
}

TEST_CASE("one wrong element among many is found from random directions") {
  const Tensor mask = [] {
    Tensor m(Shape{20, 30}, DType::kF64);
    m.data<double>()[417] = 1;
    return m;
  }();
  // sin(x) everywhere, but the derivative at one element is 1 % too large.
  const auto f = [&](const Vars& x) {
    const Var wrong = apply(factor_op, {x[0]}) * 10;
    const Var right = apply(right_op, {x[0]}) * 10;
    return sum(sin(x[1])) + sum(where(greater(constant(mask), zeros_like(x[0])), wrong, right));
  };
  const CheckReport report =
      gradcheck(f, {random_tensor(Shape{20, 30}, 3, 1, 2), random_tensor(Shape{8, 8}, 4)});
  CHECK_FALSE(report.passed);
  CHECK(report.directions == 32);
  CHECK(report.elements == 4);
  CHECK(report.findings[0].variable == "input 0");
  CHECK(report.findings[0].index == 417);
}

TEST_CASE("a large function passes along directions and in a sample of elements") {
  const auto f = [](const Vars& x) { return sum(softplus(matmul(x[0], x[1])), {1}); };
  const CheckReport report =
      gradgradcheck(f, {random_tensor(Shape{20, 30}, 3), random_tensor(Shape{30, 10}, 4)});
  CHECK(report.passed);
  CHECK(report.directions == 32);
  CHECK(report.elements == 4);
}

TEST_CASE("points of very different sizes are no obstacle") {
  const auto f = [](const Vars& x) { return log(x[0]) * x[0] + sqrt(x[0]); };
  for (const double scale : {1e-4, 1e-2, 1.0, 1e3, 1e6}) {
    CAPTURE(scale);
    const Tensor x = random_tensor(Shape{6}, 1, scale, 2 * scale);
    const CheckReport report = gradgradcheck(f, {x});
    INFO(to_string(report));
    CHECK(report.passed);
  }
}

TEST_CASE("the slope of one side passes at a kink and next to one, and the report says so") {
  const auto f = [](const Vars& x) { return sum(relu(x[0]) + exp(x[0])); };
  for (const double x : {0.0, 1e-12, -1e-9, 1e-7, -1e-7, 1e-6}) {
    CAPTURE(x);
    const CheckReport report = gradcheck(f, {vector_of({x})});
    INFO(to_string(report));
    CHECK(report.passed);
    CHECK(report.findings[0].kinks == 1);
    CHECK(report.findings[0].error < 1e-8);
    CHECK(report.findings[0].verdict.find("at a kink, one-sided: the graph's ") !=
          std::string::npos);
  }
  CHECK(
      gradcheck(f, {vector_of({0})}).findings[0].verdict ==
      "agrees at a kink, one-sided: the graph's 1 is the slope to the left, to the right it is 2");
  CHECK(gradcheck(f, {vector_of({2e-5})}).passed);
  // Among many, along directions; a wrong derivative next to a kink is still wrong.
  Tensor many = random_tensor(Shape{90}, 3, 1, 2);
  for (int i : {3, 50, 51}) many.data<double>()[i] = -1e-7;
  const CheckReport large = gradcheck(f, {many});
  INFO(to_string(large));
  CHECK(large.passed);
  CHECK(large.findings[0].kinks == 3);
  const auto wrong = [](const Vars& x) { return sum(relu(x[0]) + apply(factor_op, {1 + x[0]})); };
  CHECK_FALSE(gradcheck(wrong, {vector_of({-1e-7})}).passed);
}

TEST_CASE("a kink whose two slopes have the derivative as their mean is not passed over") {
  const auto f = [](const Vars& x) { return sum(abs(x[0])); };
  const CheckReport report = gradcheck(f, {vector_of({0.5, 0, -2, 0})});
  CHECK_FALSE(report.passed);
  const CheckFinding& finding = report.findings[0];
  CHECK(finding.outcome == CheckOutcome::kKink);
  CHECK(finding.index == 1);
  CHECK(finding.kinks == 2);
  CHECK(finding.analytic == 0);
  const std::string text = to_string(report);
  CHECK(
      text.starts_with("gradient check: NOT DIFFERENTIABLE HERE: 4 elements\n"
                       "order 1: NOT DIFFERENTIABLE HERE: "));
  CHECK(
      text.find("    not differentiable here: the slope is -1 to the left and 1 to the right; the "
                "graph's 0 is one of them or lies between\n") != std::string::npos);
  CHECK(text.find("    2 elements lie on kinks\n") != std::string::npos);
}

TEST_CASE("a wrong derivative is reported although other elements lie on kinks") {
  const auto f = [](const Vars& x) { return sum(abs(x[0])) + sum(apply(factor_op, {x[1]})); };
  const CheckReport report = gradcheck(f, {vector_of({0, 1}), kPoint});
  CHECK(report.findings[0].outcome == CheckOutcome::kWrong);
  CHECK(report.findings[0].variable == "input 1");
  CHECK(to_string(report).starts_with("gradient check: FAILED"));
  // The same where directions move everything at once.
  Tensor many = random_tensor(Shape{90}, 3, 1, 2);
  for (int i : {3, 50, 51}) many.data<double>()[i] = 0;
  const CheckReport large = gradcheck(f, {many, kPoint});
  CHECK(large.findings[0].outcome == CheckOutcome::kWrong);
  CHECK(large.findings[0].variable == "input 1");
  const CheckReport kinks = gradcheck([](const Vars& x) { return sum(abs(x[0])); }, {many});
  CHECK(kinks.findings[0].outcome == CheckOutcome::kKink);
  CHECK(kinks.findings[0].index == 3);
  CHECK(kinks.findings[0].kinks == 3);
}

TEST_CASE("a derivative outside of both slopes of a kink is called suspicious") {
  const auto slanted = [](const Vars& x) {
    return sum(relu(x[0]) + 1000 * apply(slanted_op, {x[0]}));
  };
  const CheckReport report = gradcheck(slanted, {vector_of({0})});
  CHECK(report.findings[0].outcome == CheckOutcome::kKink);
  CHECK(report.findings[0].verdict.ends_with("the graph's 1000 lies outside of both: suspicious"));
}

TEST_CASE("a derivative that is not finite is said to be so") {
  const auto f = [](const Vars& x) { return sqrt(x[0]); };
  const CheckReport report = gradcheck(f, {vector_of({0.0})});
  CHECK_FALSE(report.passed);
  CHECK(report.findings[0].verdict == "not finite: the graph's derivative is inf or NaN here");
  CHECK(report.findings[0].suspects ==
        std::vector<std::string>{"not finite by itself: sqrt, argument 0: a=[1]"});
}

TEST_CASE("only the op whose numbers were finite is blamed for one that is not") {
  const Var w = parameter(vector_of({-1, 2})).named("w"), b = parameter(vector_of({1})).named("b");
  const CheckReport report = gradcheck(sum(log(w) + b) + 1, {w, b});
  CHECK(report.findings[0].outcome == CheckOutcome::kNotFinite);
  CHECK(report.findings[0].suspects ==
        std::vector<std::string>{"not finite by itself: log, argument 0: a=[2]"});
}

TEST_CASE("a tolerance out of reach is not called a wrong derivative") {
  const auto f = [](const Vars& x) { return 1e6 * sin(300 * x[0]) + 1e9; };
  CheckOptions strict;
  strict.tolerance = 1e-15;
  const CheckReport report = gradcheck(f, {vector_of({0.3, 0.7})}, strict);
  CHECK_FALSE(report.passed);
  CHECK(report.findings[0].verdict.starts_with("undecided: no plateau"));
  CHECK(report.findings[0].verdict.find("to the left by rounding and to the right by truncation") !=
        std::string::npos);
}

TEST_CASE("a large sum of which little moves is measured with larger steps") {
  const auto f = [](const Vars& v) { return 2e6 + sum(sin(v[0])); };
  const CheckReport report = gradcheck(f, {random_tensor({16}, 3)});
  CHECK(report.passed);
}

TEST_CASE("kinks close by, where rounding hides the rest, are not called a wrong derivative") {
  const auto f = [](const Vars& v) { return 1e6 + sum(relu(v[0]) + 3 * relu(2e-5 - v[0])); };
  const CheckReport report = gradcheck(f, {vector_of({1e-5})});
  CHECK(!report.passed);
  CHECK(report.findings[0].outcome == CheckOutcome::kUndecided);
  CHECK(report.findings[0].verdict.starts_with("undecided: a kink lies close by: "));
}

TEST_CASE("integer inputs are handed on, f32 inputs are taken as f64, draws keep their numbers") {
  const auto f = [](const Vars& x) {
    const Var noise = random_normal(random_key(1), "noise", x[0].shape(), DType::kF64);
    return take(x[0] * noise, x[1], 0);
  };
  const Tensor x = random_tensor(Shape{4, 2}, 1, -1, 1, DType::kF32);
  CHECK(gradgradcheck(f, {x, Tensor::from<std::int32_t>({3, 3, 0}, Shape{3})}).passed);
  const auto count = [](const Vars& v) { return cast(v[0], DType::kF64); };
  CHECK_THROWS_WITH_AS(gradcheck(count, {Tensor::scalar(1, DType::kI32)}),
                       "gradcheck: there is nothing to vary: no real input has elements", Error);
}

TEST_CASE("a graph's loss is checked with respect to its parameters, by their names, in f64") {
  const Var x = input(Shape{6, 4}).named("x");
  const Var t = input(Shape{6}, DType::kI32);
  const Var w =
      parameter(random_tensor(Shape{3, 4}, 1, -1, 1, DType::kF32)).named("encoder.0.weight");
  const Var b = parameter(random_tensor(Shape{3}, 2, -1, 1, DType::kF32)).named("encoder.0.bias");
  const Var h = tanh(matmul(x, w, false, true) + b);
  const Var picked = take_along(log_softmax(h), reshape(t, Shape{6, 1}));
  const Var loss = sum(square(batch_jacobian(h, x))) - mean(picked);
  const std::vector<Feed> feeds = {{x, random_tensor(Shape{6, 4}, 3, -1, 1, DType::kF32)},
                                   {t, Tensor::from<std::int32_t>({0, 1, 2, 2, 1, 0}, Shape{6})}};
  const CheckReport report = gradgradcheck(loss, {w, b, x}, feeds);
  INFO(to_string(report));
  CHECK(report.passed);
  CHECK(report.elements == 12 + 3 + 24);

  const Var wrong = cast(loss, DType::kF64) + sum(apply(factor_op, {cast(b, DType::kF64)}));
  const CheckReport bad = gradcheck(wrong, {w, b}, feeds);
  CHECK_FALSE(bad.passed);
  CHECK(bad.findings[0].variable == "encoder.0.bias");
  CHECK(w.dtype() == DType::kF32);
}

TEST_CASE("inner nodes are variables too, each for itself") {
  const Var x = parameter(random_tensor(Shape{3}, 1));
  const Var h = tanh(x).named("h");
  CHECK(gradgradcheck(sum(exp(h) * x), {h, x}).passed);
  CHECK(gradgradcheck(sum(exp(h) * x), {h}).elements == 3);
}

TEST_CASE("the report shows the place, both numbers, the error by step size and the verdict") {
  const auto f = [](const Vars& x) { return apply(factor_op, {x[0]}) * 100; };
  const std::string text = to_string(gradcheck(f, {Tensor::from<double>({0.5, 2}, Shape{1, 2})}));
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  CHECK(text.starts_with(
      "gradient check: FAILED: 2 elements\n"
      "order 1: FAILED: worst error 1.0e-03, tolerance 1e-07, in input 0 [1, 2] at "));
  CHECK(has("    graph       "));
  CHECK(has("    differences "));
  CHECK(has("    1e-3  |"));
  CHECK(has("    1e-7  -----"));
  CHECK(has("    step     1e-10"));
  CHECK(has("wrong derivative: the error stays at 1.0e-03 for steps from "));
  CHECK(has("    wrong by itself: test_wrong_factor, argument 0: a=[1, 2]\n"));
}

TEST_CASE("terms that cancel to almost nothing are no kink") {
  const auto difference = [](const Vars& x) {
    return sum(square(tanh(x[0]) - tanh(x[0] * 1.0000001)));
  };
  const CheckReport report = gradcheck(difference, {random_tensor(Shape{3, 4}, 5)});
  INFO(to_string(report));
  CHECK(report.passed);
}

}  // namespace
}  // namespace hourglass

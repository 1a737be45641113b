#include <doctest/doctest.h>

#include <cmath>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::vector_of;

TEST_CASE("evaluate runs several outputs at once, each in the order asked for") {
  const Var x = input(Shape{2}, DType::kF64).named("x");
  const Var y = exp(x);
  const std::vector<Tensor> values = evaluate({y * y, x, y * y, y}, {{x, vector_of({0, 0})}});
  CHECK(values[0].values() == std::vector<double>{1, 1});
  CHECK(values[1].values() == std::vector<double>{0, 0});
  CHECK(values[2].identical(values[0]));
  CHECK(values[3].identical(values[0]));
}

TEST_CASE("an output that is a leaf is a copy of it") {
  const Tensor fed = vector_of({1, 2});
  const Var x = input(Shape{2}, DType::kF64);
  Tensor copy = evaluate({x}, {{x, fed}})[0];
  copy.data<double>()[0] = 9;
  CHECK(fed.at(0) == 1);
}

TEST_CASE("an input that is missing or of another type is named") {
  const Var x = input(Shape{2}).named("x");
  const Var y = tanh(x);
  CHECK_THROWS_WITH_AS(evaluate({y}), "evaluate: an input was not fed: x=f32 [2]", Error);
  CHECK_THROWS_WITH_AS(evaluate({y}, {{x, vector_of({1, 2})}}),
                       "evaluate: fed with another type: input x=f32 [2]: got f64 [2]", Error);
  CHECK_THROWS_WITH_AS(evaluate({y}, {{y, vector_of({1, 2})}}),
                       "evaluate: only an input can be fed: got tanh f32 [2]", Error);
  CHECK_THROWS_WITH_AS(tanh(input(Shape{3})).value(), "evaluate: an input was not fed: f32 [3]",
                       Error);
}

TEST_CASE("empty tensors pass through where mathematics allows it") {
  const Var x = parameter(Tensor(Shape{0, 3}, DType::kF64));
  CHECK(testing::run_both(tanh(x)).shape() == Shape{0, 3});
  CHECK(testing::run_both(sum(x)).item() == 0);
  const Var w = parameter(Tensor::full(Shape{3, 2}, 1, DType::kF64));
  CHECK(testing::run_both(matmul(x, w)).shape() == Shape{0, 2});
  const Var flat = matmul(transpose(x), x);
  CHECK(testing::run_both(flat).values() == std::vector<double>(9, 0.0));
  CHECK(testing::run_both(grad(sum(matmul(x, w)), w)).values() == std::vector<double>(6, 0.0));
}

}  // namespace
TEST_CASE("a traced NaN is named at the node where it began, with the ranges that went in") {
  const Var x = input(Shape{2}, DType::kF64).named("x");
  Var y;
  {
    const LabelScope scope("decoder.0");
    y = log(x - 1.0).named("margin");
  }
  const Var loss = sum(tanh(y) * 2.0);
  const auto trace = [&](double a, double b) {
    return trace_non_finite({loss}, {{x, Tensor::from<double>({a, b}, Shape{2})}});
  };
  CHECK(trace(2, 3) == "");
  CHECK(trace(0.5, 3) == "log f64 [2] margin in decoder.0 of -0.5 to 2");
  CHECK(trace(std::nan(""), 3) == "input f64 [2] x");
}

}  // namespace hourglass

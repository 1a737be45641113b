#include "autograd/graph/var.h"

#include <doctest/doctest.h>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::vector_of;

TEST_CASE("a Var tells its shape, dtype, op, inputs and label, and ids grow from inputs to users") {
  const Var x = input(Shape{2, 3});
  const Var y = tanh(x).named("code");
  CHECK(y.shape() == Shape{2, 3});
  CHECK(y.dtype() == DType::kF32);
  CHECK(y.rank() == 2);
  CHECK(y.size(-1) == 3);
  CHECK(y.elements() == 6);
  CHECK(y.op().name == "tanh");
  REQUIRE(y.inputs().size() == 1);
  CHECK(y.inputs()[0].same(x));
  CHECK(y.label() == "code");
  CHECK(x.id() < y.id());
  CHECK_FALSE(x.same(y));
}

TEST_CASE("an empty Var is not defined, and whatever else is asked of it throws") {
  const Var none;
  CHECK_FALSE(none.defined());
  const char* text = "var: an empty Var was used: nothing was assigned to it";
  CHECK_THROWS_WITH_AS((void)none.shape(), text, Error);
  CHECK_THROWS_WITH_AS((void)none.dtype(), text, Error);
  CHECK_THROWS_WITH_AS((void)none.label(), text, Error);
  CHECK_THROWS_WITH_AS((void)none.scope(), text, Error);
  CHECK_THROWS_WITH_AS((void)none.tensor(), text, Error);
  CHECK_THROWS_WITH_AS((void)none.id(), text, Error);
  CHECK_THROWS_WITH_AS(none.named("x"), text, Error);
  CHECK_THROWS_WITH_AS((void)none.value(),
                       "graph: an output is an empty Var: nothing was assigned to it", Error);
  const Var x = input(Shape{2});
  CHECK_THROWS_WITH_AS(tanh(none), "tanh: argument a is an empty Var: nothing was assigned to it",
                       Error);
  CHECK_THROWS_WITH_AS(x + none, "add: argument b is an empty Var: nothing was assigned to it",
                       Error);
}

TEST_CASE("nodes carry the LabelScopes that were open, inner after outer") {
  const Var before = input(Shape{});
  CHECK(before.scope() == "");
  Var inner;
  {
    const LabelScope encoder("encoder");
    {
      const LabelScope layer("0");
      inner = tanh(before);
    }
    CHECK(inner.scope() == "encoder.0");
    CHECK(tanh(before).scope() == "encoder");
    const LabelScope nowhere(LabelScope::Absolute{nullptr});
    CHECK(tanh(before).scope() == "");
  }
  CHECK(tanh(before).scope() == "");
}

TEST_CASE("constants and parameters copy the tensor they are made from") {
  Tensor numbers = vector_of({1, 2, 3});
  const Var c = constant(numbers);
  const Var p = parameter(numbers);
  numbers.data<double>()[0] = 100;
  CHECK(c.tensor().at(0) == 1);
  CHECK(p.tensor().at(0) == 1);
  CHECK(is_constant(c));
  CHECK(is_parameter(p));
  CHECK_FALSE(is_constant(p));
  CHECK(is_leaf(p));
  CHECK(is_input(input(Shape{})));
  CHECK_FALSE(is_leaf(tanh(c)));
}

TEST_CASE("a leaf made from nothing, an inexact integer and a non-leaf's tensor throw") {
  CHECK_THROWS_WITH_AS(constant(Tensor()), "constant: the tensor is empty: nothing was assigned",
                       Error);
  CHECK_THROWS_WITH_AS(parameter(Tensor()), "parameter: the tensor is empty: nothing was assigned",
                       Error);
  CHECK_THROWS_WITH_AS(constant(0.5, DType::kI32), "constant: 0.5 is not exact in i32", Error);
  CHECK(constant(7, DType::kI32).tensor().item() == 7);
  CHECK_THROWS_WITH_AS((void)tanh(input(Shape{2})).tensor(),
                       "tensor: tanh [2] is neither a constant nor a parameter: use value()",
                       Error);
}

TEST_CASE("assign replaces a parameter's numbers, also by its own, and nothing else's") {
  const Var p = parameter(vector_of({1, 2})).named("w");
  p.assign(vector_of({3, 4}));
  CHECK(p.value().values() == std::vector<double>{3, 4});
  p.assign(p.tensor());
  CHECK(p.value().values() == std::vector<double>{3, 4});
  CHECK_THROWS_WITH_AS(p.assign(vector_of({1})),
                       "assign: types differ: parameter w=f64 [2], value=f64 [1]", Error);
  CHECK_THROWS_WITH_AS(p.assign(vector_of({1, 2}).cast(DType::kF32)),
                       "assign: types differ: parameter w=f64 [2], value=f32 [2]", Error);
  CHECK_THROWS_WITH_AS(constant(1).assign(Tensor::scalar(2)),
                       "assign: only a parameter can be assigned: got constant []", Error);
}

TEST_CASE("a value handed out does not change with a later assignment") {
  const Var p = parameter(vector_of({1, 2}));
  const Tensor before = p.value();
  p.assign(vector_of({3, 4}));
  CHECK(before.values() == std::vector<double>{1, 2});
}

TEST_CASE("full, zeros_like and ones_like take the type they are given") {
  const Var x = input(Shape{2, 2}, DType::kF64);
  CHECK(full(Shape{2}, 3).value().values() == std::vector<double>{3, 3});
  CHECK(zeros_like(x).value().values() == std::vector<double>{0, 0, 0, 0});
  CHECK(ones_like(x).dtype() == DType::kF64);
  CHECK(ones_like(x).value().values() == std::vector<double>{1, 1, 1, 1});
}

}  // namespace
}  // namespace hourglass

#include <doctest/doctest.h>

#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::count_ops;
using testing::distance;
using testing::random_parameter;
using testing::run_both;
using testing::vector_of;

TEST_CASE("substitute puts other nodes in place of variables, leaves and inner nodes alike") {
  const Var x = input(Shape{2}, DType::kF64);
  const Var h = tanh(x);
  const Var y = square(h) + x;
  const Var a = parameter(vector_of({1, 2}));
  const Var b = parameter(vector_of({3, 4}));
  CHECK(distance(substitute(y, {x}, {a}), square(tanh(a)) + a) == 0);
  CHECK(distance(substitute(y, {h, x}, {b, a}), square(b) + a) == 0);
  CHECK(substitute(h, {h}, {b}).same(b));
  CHECK(substitute(y, {a}, {b}).same(y));
}

TEST_CASE("substitute lets shapes change where the ops between allow it") {
  const Var x = input(Shape{2}, DType::kF64);
  CHECK(substitute(tanh(x), {x}, {input(Shape{7, 3}, DType::kF64)}).shape() == Shape{7, 3});
}

TEST_CASE("substitute does not look at what only the replaced nodes need") {
  const Var x = input(Shape{2, 3}, DType::kF64);
  const Var w = input(Shape{3, 4}, DType::kF64);
  const Var h = matmul(x, w);
  const Var y = tanh(h) + sum(x);
  // matmul(wide, w) would throw: h is replaced, so nobody builds it.
  const Var wide = parameter(testing::random_tensor(Shape{2, 9}, 1));
  const Var code = parameter(testing::random_tensor(Shape{2, 4}, 2));
  CHECK(distance(substitute(y, {h, x}, {code, wide}), tanh(code) + sum(wide)) == 0);
}

TEST_CASE("substitute refuses pairs that do not match") {
  const Var x = input(Shape{2});
  CHECK_THROWS_WITH_AS(substitute(x, {x}, {}), "substitute: needs one replacement an x: 0 vs 1",
                       Error);
  CHECK_THROWS_WITH_AS(substitute(x, {x}, {input(Shape{2}, DType::kF64)}),
                       "substitute: dtypes differ: x=f32, replacement=f64", Error);
  CHECK_THROWS_WITH_AS(substitute(x, {x}, {Var()}),
                       "substitute: pair 0 holds an empty Var: nothing was assigned", Error);
  CHECK_THROWS_WITH_AS(substitute(x, {x, x}, {x, x}), "substitute: an x is listed twice: input [2]",
                       Error);
}

TEST_CASE("cast_graph lifts a model with its leaves, labels, draws and integers") {
  const Var x = input(Shape{2}).named("x");
  const Var w = parameter(vector_of({0.5, 0.25}).cast(DType::kF32)).named("w");
  const Var pixels = constant(Tensor::from<std::uint8_t>({3, 7}, Shape{2}));
  const Var noise = random_normal(random_key(1), "noise", Shape{2});
  const Var loss = sum(tanh(x * w) + cast(pixels, DType::kF32) * noise).named("loss");
  const std::vector<Var> lifted = cast_graph({loss, w, x, pixels, noise}, DType::kF64);
  CHECK(lifted[0].dtype() == DType::kF64);
  CHECK(lifted[0].label() == "loss");
  CHECK(is_parameter(lifted[1]));
  CHECK(lifted[1].label() == "w");
  CHECK(lifted[1].dtype() == DType::kF64);
  CHECK(lifted[1].tensor().values() == std::vector<double>{0.5, 0.25});
  CHECK(is_input(lifted[2]));
  CHECK(lifted[3].same(pixels));
  CHECK(lifted[4].value().identical(noise.value().cast(DType::kF64)));
  const Tensor fed = vector_of({1, 2});
  const double in_f32 = evaluate({loss}, {{x, fed.cast(DType::kF32)}})[0].item();
  const double in_f64 = evaluate({lifted[0]}, {{lifted[2], fed}})[0].item();
  CHECK(in_f32 == doctest::Approx(in_f64).epsilon(1e-6));
}

TEST_CASE("cast_graph's leaves are new: the model it lifts is not changed with them") {
  const Var w = parameter(vector_of({1, 2}));
  const Var lifted = cast_graph(w, DType::kF64);
  lifted.assign(vector_of({3, 4}));
  CHECK(w.tensor().values() == std::vector<double>{1, 2});
  CHECK_THROWS_WITH_AS(cast_graph(w, DType::kI32), "cast_graph: expected f32 or f64: got i32",
                       Error);
}

TEST_CASE("the gradient of a lifted graph is the lifted gradient") {
  const Var w = parameter(vector_of({0.5, 0.25}).cast(DType::kF32));
  const Var y = sum(sigmoid(w) * w);
  const std::vector<Var> lifted = cast_graph({y, w, grad(y, w)}, DType::kF64);
  CHECK(distance(grad(lifted[0], lifted[1]), lifted[2]) < 1e-15);
}

TEST_CASE("simplify makes equal ops on equal inputs one node") {
  const Var x = random_parameter(Shape{3}, 1);
  const Var y = tanh(x + 1.0) * tanh(x + 1.0);
  CHECK(count_ops({y}, "tanh") == 2);
  const Var simple = simplify({y})[0];
  CHECK(count_ops({simple}, "tanh") == 1);
  CHECK(simple.value().identical(y.value()));
  const std::vector<Var> both = simplify({exp(x), exp(x), exp(-x)});
  CHECK(both[0].same(both[1]));
  CHECK_FALSE(both[0].same(both[2]));
}

TEST_CASE("simplify keeps apart what differs in attributes, shape, dtype or leaf") {
  const Var x = random_parameter(Shape{2, 2}, 1);
  const auto apart = [](const Var& a, const Var& b) {
    const std::vector<Var> s = simplify({a, b});
    return !s[0].same(s[1]);
  };
  CHECK(apart(sum(x, {0}), sum(x, {1})));
  CHECK(apart(broadcast_to(x, Shape{3, 2, 2}), broadcast_to(x, Shape{4, 2, 2})));
  CHECK(apart(constant(1), constant(1, DType::kF64)));
  CHECK(apart(constant(0.0), constant(-0.0)));
  CHECK(apart(parameter(vector_of({1})), parameter(vector_of({1}))));
  CHECK(apart(input(Shape{2}), input(Shape{2})));
  CHECK_FALSE(apart(constant(vector_of({1, 2})), constant(vector_of({1, 2}))));
}

TEST_CASE("simplify does not look through after: a recomputation stays one") {
  const Var x = random_parameter(Shape{3}, 1);
  const Var first = tanh(x);
  const Var again = tanh(after(x, first));
  CHECK(count_ops(simplify({first + again}), "tanh") == 2);
}

}  // namespace
}  // namespace hourglass

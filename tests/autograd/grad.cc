#include <doctest/doctest.h>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::distance;
using testing::random_parameter;
using testing::random_tensor;
using testing::run_both;
using testing::vector_of;

Var vector(const std::vector<double>& values) { return parameter(vector_of(values)); }

TEST_CASE("grad of a sum of cubes is 3 x^2, and its gradients are 6 x, 6 and 0") {
  const Var x = vector({-2, 0.5, 3});
  const Var first = grad(sum(x * x * x), x);
  const Var second = grad(sum(first), x);
  const Var third = grad(sum(second), x);
  const Var fourth = grad(sum(third), x);
  CHECK(distance(first, 3 * square(x)) < 1e-15);
  CHECK(distance(second, 6 * x) < 1e-15);
  CHECK(distance(third, 6 * ones_like(x)) < 1e-15);
  CHECK(distance(fourth, zeros_like(x)) == 0);
}

TEST_CASE("a variable used twice gets the sum of both gradients") {
  const Var x = vector({1, 2});
  CHECK(distance(grad(sum(x * exp(x) + x), x), exp(x) * (1 + x) + 1) < 1e-15);
}

TEST_CASE("what to derive by may be written in braces, and a list of one gives a list of one") {
  const Var x = parameter(Tensor::from({1.0, 2.0}, Shape{2}));
  const std::vector<Var> one = grad(sum(square(x)), {x});
  REQUIRE(one.size() == 1);
  CHECK(one[0].value().values() == std::vector<double>{2, 4});
  CHECK(grad(sum(x * x), {x, x}).size() == 2);
}

TEST_CASE("a variable that is not in the graph has gradient zero") {
  const Var x = vector({1, 2});
  const Var other = parameter(random_tensor(Shape{3, 1}, 1));
  CHECK(distance(grad(sum(x), other), zeros_like(other)) == 0);
  CHECK(distance(jvp(x, {other}, {ones_like(other)}), zeros_like(x)) == 0);
}

TEST_CASE("an inner node is a variable too, and gives the whole derivative through it") {
  const Var x = vector({0.3, -0.4});
  const Var h = tanh(x);
  const Var y = sum(square(h) + h);
  const std::vector<Var> g = grad(y, {h, x, y});
  CHECK(distance(g[0], 2 * h + 1) < 1e-15);
  CHECK(distance(g[1], (2 * h + 1) * (1 - square(h))) < 1e-15);
  CHECK(run_both(g[2]).item() == 1);
}

TEST_CASE("a broadcast is undone by a sum, whichever axis was stretched") {
  const Var row = random_parameter(Shape{3}, 1);
  const Var column = random_parameter(Shape{2, 1}, 2);
  const Var scalar = random_parameter(Shape{}, 3);
  const Var x = random_parameter(Shape{2, 3}, 4);
  const std::vector<Var> g = grad(sum(x * row * column * scalar), {row, column, scalar, x});
  CHECK(distance(g[0], sum(x * column * scalar, {0})) < 1e-15);
  CHECK(distance(g[1], sum(x * row * scalar, {1}, true)) < 1e-15);
  CHECK(distance(g[2], sum(x * row * column)) < 1e-15);
  CHECK(distance(g[3], broadcast_to(row * column * scalar, x.shape())) < 1e-15);
}

TEST_CASE("matmul's gradients hold for both flags, for batches and for a shared matrix") {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const int batched : {0, 1, 2, 3}) {  // bit 0: a, bit 1: b
        CAPTURE(ta);
        CAPTURE(tb);
        CAPTURE(batched);
        const Shape a_matrix = ta ? Shape{3, 2} : Shape{2, 3};
        const Shape b_matrix = tb ? Shape{4, 3} : Shape{3, 4};
        const Var a = random_parameter(batched & 1 ? a_matrix.with_axis(0, 5) : a_matrix, 1);
        const Var b = random_parameter(batched & 2 ? b_matrix.with_axis(0, 5) : b_matrix, 2);
        const Var y = matmul(a, b, ta, tb);
        const Var weight = random_parameter(y.shape(), 3);
        const std::vector<Var> g = grad(sum(y * weight), {a, b});
        // The same with the product written as a broadcast product and a sum.
        const Var left = ta ? transpose(a) : a;   // [.., 2, 3]
        const Var right = tb ? b : transpose(b);  // [.., 4, 3]
        const auto spread = [](const Var& x, int axis) {
          return reshape(x, x.shape().with_axis(x.rank() + axis, 1));
        };
        const Var slow = sum(spread(left, -1) * spread(right, -2), {-1});
        CHECK(distance(y, slow) < 1e-14);
        const std::vector<Var> expected = grad(sum(slow * weight), {a, b});
        CHECK(distance(g[0], expected[0]) < 1e-14);
        CHECK(distance(g[1], expected[1]) < 1e-14);
      }
    }
  }
}

TEST_CASE("stop_gradient and masks give a zero derivative, a cast gives it back in its dtype") {
  const Var x = vector({-1, 2});
  CHECK(distance(grad(sum(x * stop_gradient(x)), x), x) < 1e-15);
  CHECK(distance(grad(sum(x * greater(x, zeros_like(x))), x), greater(x, zeros_like(x))) == 0);
  const Var single = cast(x, DType::kF32);
  const Var g = grad(sum(square(single)), x);
  CHECK(g.dtype() == DType::kF64);
  CHECK(distance(g, 2 * x) < 1e-6);
  const Var through_integers = cast(cast(x, DType::kI32), DType::kF64);
  CHECK(distance(grad(sum(through_integers * x), x), through_integers) == 0);
}

TEST_CASE("a surrogate gradient is s + stop_gradient(y - s)") {
  const Var x = vector({-1, 0.25, 2});
  const Var hard = sign(x);
  const Var soft = tanh(x);
  const Var y = soft + stop_gradient(hard - soft);
  CHECK(distance(y, hard) < 1e-15);
  CHECK(distance(grad(sum(y), x), 1 - square(soft)) < 1e-15);
}

TEST_CASE("the maximum's gradient goes to the winner, half to each of equals; max's to the first") {
  const Var a = vector({1, 2, 3});
  const Var b = vector({3, 2, 1});
  const std::vector<Var> g = grad(sum(maximum(a, b)), {a, b});
  CHECK(run_both(g[0]).values() == std::vector<double>{0, 0.5, 1});
  CHECK(run_both(g[1]).values() == std::vector<double>{1, 0.5, 0});
  const Var x = vector({1, 5, 5});
  CHECK(run_both(grad(max(x), x)).values() == std::vector<double>{0, 1, 0});
  CHECK(run_both(grad(min(x), x)).values() == std::vector<double>{1, 0, 0});
}

TEST_CASE("the branch of a where that is not taken leaks no NaN into the gradient") {
  const Var x = vector({0, 4});
  const Var safe = where(greater(x, zeros_like(x)), x, ones_like(x));
  const Var y = where(greater(x, zeros_like(x)), sqrt(safe), zeros_like(x));
  CHECK(run_both(grad(sum(y), x)).values() == std::vector<double>{0, 0.25});
}

TEST_CASE("vjp is the transpose of jvp") {
  const Var x = random_parameter(Shape{4, 3}, 1);
  const Var w = random_parameter(Shape{3, 2}, 2);
  const Var y = tanh(matmul(sigmoid(x), w));
  const Var u = random_parameter(y.shape(), 3);
  const Var dx = random_parameter(x.shape(), 4);
  const Var dw = random_parameter(w.shape(), 5);
  const std::vector<Var> back = vjp(y, {x, w}, u);
  const Var forward = jvp(y, {x, w}, {dx, dw});
  CHECK(distance(sum(u * forward), sum(back[0] * dx) + sum(back[1] * dw)) < 1e-14);
}

TEST_CASE("jvp of what selects follows the selection, of what stops is zero") {
  const Var x = vector({1, 5, 2});
  const Var t = vector({10, 20, 30});
  CHECK(run_both(jvp(max(x), {x}, {t})).item() == 20);
  CHECK(distance(jvp(stop_gradient(x), {x}, {t}), zeros_like(x)) == 0);
  CHECK(distance(jvp(square(x), {x}, {t}), 2 * x * t) < 1e-15);
  CHECK(distance(jvp(x, {x}, {t}), t) == 0);
}

TEST_CASE("jvp composes with itself and with grad") {
  const Var x = vector({0.2, -0.7, 1.1});
  const Var t = vector({1, -2, 0.5});
  const Var y = sum(exp(x) * x);  // y'' = exp(x) (x + 2)
  const Var hessian_t = exp(x) * (x + 2) * t;
  CHECK(distance(jvp(grad(y, x), {x}, {t}), hessian_t) < 1e-14);
  CHECK(distance(grad(jvp(y, {x}, {t}), x), hessian_t) < 1e-14);
  CHECK(distance(jvp(jvp(y, {x}, {t}), {x}, {t}), sum(hessian_t * t)) < 1e-14);
}

TEST_CASE("what has no derivative says so and names the argument") {
  const Var x = vector({1, 2});
  const Var flat = input(Shape{2, 2});
  CHECK_THROWS_WITH_AS(
      grad(flat, flat),
      "grad: y must be a scalar: y=[2, 2]: take its sum or mean, or use vjp with a cotangent",
      Error);
  CHECK_THROWS_WITH_AS(grad(sum(x), input(Shape{3}, DType::kI32)),
                       "grad: only f32 and f64 have derivatives: x=i32 [3]", Error);
  CHECK_THROWS_WITH_AS(grad(argmax(x), x), "grad: only f32 and f64 have derivatives: y=i32 []",
                       Error);
  CHECK_THROWS_WITH_AS(grad(Var(), x), "grad: y is an empty Var: nothing was assigned to it",
                       Error);
  CHECK_THROWS_WITH_AS(grad(sum(x), Var()), "grad: x is an empty Var: nothing was assigned to it",
                       Error);
  CHECK_THROWS_WITH_AS(vjp(x, {x}, constant(1, DType::kF64)),
                       "vjp: the cotangent must have y's type: cotangent=f64 [], y=f64 [2]", Error);
  CHECK_THROWS_WITH_AS(vjp(x, {x}, Var()),
                       "vjp: cotangent is an empty Var: nothing was assigned to it", Error);
  CHECK_THROWS_WITH_AS(jvp(x, {x}, {}), "jvp: needs one tangent an x: 0 vs 1", Error);
  CHECK_THROWS_WITH_AS(jvp(x, {x}, {flat}),
                       "jvp: the tangent must have x's type: tangent=f32 [2, 2], x=f64 [2]", Error);
}

const Op& one_way_op = define({
    .name = "test_one_way",
    .type = same_as_first,
    .kernel = copy_kernel,
    .vjp = {[](const Call&, const Var& g) { return g; }},
});
const Op& wrong_shape_op = define({
    .name = "test_wrong_shape",
    .type = same_as_first,
    .kernel = copy_kernel,
    .vjp = {[](const Call&, const Var& g) { return sum(g); }},
});
const Op& wrong_dtype_op = define({
    .name = "test_wrong_dtype",
    .type = same_as_first,
    .kernel = copy_kernel,
    .vjp = {[](const Call&, const Var& g) { return cast(g, DType::kF32); }},
});

TEST_CASE("an argument without a rule throws when its derivative is asked for, and only then") {
  const Var x = vector({1, 2});
  const Var y = vector({3, 4});
  const Var z = apply(one_way_op, {x, y});
  CHECK(distance(grad(sum(z), x), ones_like(x)) == 0);
  CHECK_THROWS_WITH_AS(grad(sum(z), y),
                       "test_one_way: has no derivative for argument 1: a=[2], b=[2]", Error);
}

TEST_CASE("a rule that gives a cotangent of another type is caught where it happens") {
  const Var x = vector({1, 2});
  CHECK_THROWS_WITH_AS(
      grad(sum(apply(wrong_shape_op, {x})), x),
      "test_wrong_shape: its derivative rule for argument 0 gives f64 []: expected f64 [2]", Error);
  CHECK_THROWS_WITH_AS(
      grad(sum(apply(wrong_dtype_op, {x})), x),
      "test_wrong_dtype: its derivative rule for argument 0 gives f32 [2]: expected f64 [2]",
      Error);
}

TEST_CASE("what is derived from a node carries its scope") {
  const Var x = vector({1, 2});
  Var y;
  {
    const LabelScope scope("layer");
    y = tanh(x);
  }
  CHECK(grad(sum(y), x).scope() == "layer");
}

}  // namespace
}  // namespace hourglass

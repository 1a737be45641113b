#include <doctest/doctest.h>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::count_ops;
using testing::distance;
using testing::kF64;
using testing::random_parameter;
using testing::run_both;

// Element i of x, as a scalar.
Var element(const Var& x, std::int64_t i) {
  return reshape(slice(reshape_to(x, {-1}), 0, {i, i + 1}), Shape{});
}

// The Jacobian row by row, a gradient an element of y.
Var looped(const Var& y, const Var& x) {
  std::vector<Var> rows;
  for (std::int64_t i = 0; i < y.elements(); ++i) rows.push_back(grad(element(y, i), x));
  std::vector<std::int64_t> sizes = y.shape().sizes();
  sizes.insert(sizes.end(), x.shape().sizes().begin(), x.shape().sizes().end());
  return reshape(stack(rows), Shape(sizes));
}

// Of the whole Jacobian [B, y..., B, x...] the blocks in which both rows are the same.
Var looped_by_row(const Var& y, const Var& x) {
  const std::int64_t n = y.elements() / y.size(0);
  const Var whole = reshape(looped(y, x), Shape{y.size(0), n, x.size(0), x.elements() / x.size(0)});
  std::vector<Var> blocks;
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    blocks.push_back(slice(whole, {{i, i + 1}, {}, {i, i + 1}, {}}));
  }
  std::vector<std::int64_t> sizes = y.shape().sizes();
  sizes.insert(sizes.end(), x.shape().sizes().begin() + 1, x.shape().sizes().end());
  return reshape(concat(blocks, 0), Shape(sizes));
}

TEST_CASE("jacobian is a gradient an element, whether y or x is the larger") {
  const Var x = random_parameter(Shape{2, 3}, 1);
  const Var w = random_parameter(Shape{3, 5}, 2);
  const Var wide = tanh(matmul(x, w));
  const Var narrow = sum(square(wide), {1}) * exp(sum(x));
  const Var scalar = sum(wide * wide);
  for (const Var& y : {wide, narrow, scalar}) {
    CHECK(distance(jacobian(y, x), looped(y, x)) < 1e-14);
  }
  CHECK(jacobian(wide, x).shape() == Shape{2, 5, 2, 3});
  CHECK(distance(jacobian(x, x), reshape(eye(6, kF64), Shape{2, 3, 2, 3})) == 0);
}

TEST_CASE("jacobian takes scalars, inner nodes, and variables that are not in the graph") {
  const Var x = random_parameter(Shape{3}, 1);
  const Var t = random_parameter(Shape{}, 2);
  const Var h = sin(x * t);
  const Var y = exp(h) * t;
  CHECK(distance(jacobian(y, t), looped(y, t)) < 1e-14);
  CHECK(distance(jacobian(y, h), looped(y, h)) < 1e-14);
  CHECK(distance(jacobian(t * t, t), 2 * t) < 1e-15);
  const Var other = random_parameter(Shape{2}, 3);
  CHECK(run_both(jacobian(y, other)).values() == std::vector<double>(6, 0.0));
}

// A two-layer encoder of rows, with all that a row may go through.
Var encode(const Var& x, const Var& w1, const Var& b1, const Var& w2) {
  const Var h = sigmoid(matmul(x, w1, false, true) + b1);
  return softmax(matmul(h, w2)) * sum(h, {1}, true);
}

TEST_CASE("batch_jacobian is the diagonal blocks of the jacobian") {
  const Var x = random_parameter(Shape{4, 3}, 1);
  const Var w1 = random_parameter(Shape{5, 3}, 2);
  const Var b1 = random_parameter(Shape{5}, 3);
  const Var w2 = random_parameter(Shape{5, 2}, 4);
  const Var y = encode(x, w1, b1, w2);
  const Var j = batch_jacobian(y, x);
  CHECK(j.shape() == Shape{4, 2, 3});
  CHECK(distance(j, looped_by_row(y, x)) < 1e-14);

  // Other ranks: images in, a matrix a row out; and a scalar a row.
  const Var image = random_parameter(Shape{2, 2, 3}, 5);
  const Var flat = reshape(image, Shape{2, 6});
  const Var matrix = reshape(tanh(matmul(flat, random_parameter(Shape{6, 4}, 6))), Shape{2, 2, 2});
  CHECK(batch_jacobian(matrix, image).shape() == Shape{2, 2, 2, 2, 3});
  CHECK(distance(batch_jacobian(matrix, image), looped_by_row(matrix, image)) < 1e-14);
  const Var energy = sum(square(flat), {1});
  CHECK(distance(batch_jacobian(energy, image), 2 * image) < 1e-15);
  CHECK(distance(batch_jacobian(transpose(transpose(y)), x), j) == 0);
}

TEST_CASE("a batch of one row and rows of y that do not depend on x are no special case") {
  const Var x = random_parameter(Shape{1, 3}, 1);
  const Var y = matmul(x, random_parameter(Shape{3, 2}, 2));
  CHECK(distance(batch_jacobian(y, x), looped_by_row(y, x)) < 1e-15);
  const Var other = random_parameter(Shape{1, 2}, 3);
  CHECK(run_both(batch_jacobian(other, x)).values() == std::vector<double>(6, 0.0));
  const Var none = parameter(Tensor(Shape{0, 3}, kF64));
  CHECK(run_both(batch_jacobian(tanh(none), none)).shape() == Shape{0, 3, 3});
}

TEST_CASE("the penalty on a batch_jacobian has the gradients of the looped one, to second order") {
  const Var x = random_parameter(Shape{3, 3}, 1);
  const Var w1 = random_parameter(Shape{4, 3}, 2);
  const Var b1 = random_parameter(Shape{4}, 3);
  const Var w2 = random_parameter(Shape{4, 2}, 4);
  const Var y = encode(x, w1, b1, w2);
  const Var penalty = sum(square(batch_jacobian(y, x)));
  const Var reference = sum(square(looped_by_row(y, x)));
  CHECK(distance(penalty, reference) < 1e-14);
  const std::vector<Var> ws = {w1, b1, w2, x};
  const std::vector<Var> g = grad(penalty, ws);
  const std::vector<Var> expected = grad(reference, ws);
  for (std::size_t i = 0; i < ws.size(); ++i) CHECK(distance(g[i], expected[i]) < 1e-12);
  const Var v = random_parameter(w1.shape(), 5);
  CHECK(distance(hvp(penalty, w1, v), hvp(reference, w1, v)) < 1e-11);
}

TEST_CASE("batch_jacobian of a batch_jacobian is the second derivative row by row") {
  const Var x = random_parameter(Shape{3, 2}, 1);
  const Var w = random_parameter(Shape{2, 2}, 2);
  const Var y = tanh(matmul(x, w));
  const Var j = batch_jacobian(y, x);       // [3, 2, 2]
  const Var second = batch_jacobian(j, x);  // [3, 2, 2, 2]
  CHECK(second.shape() == Shape{3, 2, 2, 2});
  CHECK(distance(second, looped_by_row(j, x)) < 1e-14);
}

TEST_CASE("batch_jacobian holds its seeds as an identity matrix that a rewrite can see") {
  const Var x = input(Shape{32, 8});
  const Var y = sigmoid(matmul(x, parameter(Tensor(Shape{8, 4}, DType::kF32))));
  const Var j = batch_jacobian(y, x);
  CHECK(count_ops({j}, "eye") == 1);
  CHECK(count_ops({j}, "matmul") == 2);  // the value's and one for all seeds
}

TEST_CASE("an op that mixes rows is named") {
  const Var x = random_parameter(Shape{4, 3}, 1);
  const Var w = random_parameter(Shape{3, 3}, 2);
  CHECK_THROWS_WITH_AS(batch_jacobian(x - mean(x, {0}), x),
                       "batch_jacobian: sum_to mixes rows: a=[4, 3], y=[1, 3]: a row of y needs "
                       "more than its row of x",
                       Error);
  Var normalized;
  {
    const LabelScope scope("encoder.1");
    normalized = x / sqrt(sum(square(x), {0}, true));
  }
  CHECK_THROWS_WITH_AS(batch_jacobian(matmul(normalized, w), x),
                       "batch_jacobian: sum_to in encoder.1 mixes rows: a=[4, 3], y=[1, 3]: a row "
                       "of y needs more than its row of x",
                       Error);
  CHECK_THROWS_WITH_AS(batch_jacobian(matmul(matmul(x, x, false, true).named("kernel"), x), x),
                       "batch_jacobian: matmul in kernel mixes rows: a=[4, 3], b=[4, 3], y=[4, 4]: "
                       "a row of y needs more than its row of x",
                       Error);
  const Var square_x = random_parameter(Shape{3, 3}, 3);
  CHECK_THROWS_WITH_AS(batch_jacobian(square_x + transpose(square_x), square_x),
                       "batch_jacobian: add mixes rows: a=[3, 3], b=[3, 3], y=[3, 3]: a row of y "
                       "needs more than its row of x",
                       Error);
  CHECK_THROWS_WITH_AS(batch_jacobian(transpose(tanh(square_x)), square_x),
                       "batch_jacobian: the rows of x are axis 1 of y: x=[3, 3], y=[3, 3]", Error);
  CHECK_THROWS_WITH_AS(batch_jacobian(flip(x, {0}), x),
                       "batch_jacobian: flip mixes rows: a=[4, 3], y=[4, 3]: a row of y needs more "
                       "than its row of x",
                       Error);
}

TEST_CASE("what has a zero derivative may mix rows") {
  const Var x = random_parameter(Shape{4, 3}, 1);
  const Var y = square(x - stop_gradient(mean(x, {0})));
  CHECK(distance(sum(batch_jacobian(y, x), {2}), 2 * (x - mean(x, {0}))) < 1e-15);
  const Var z = x * greater(x, broadcast_to(mean(x), x.shape()));
  CHECK(distance(sum(batch_jacobian(z, x), {2}), greater(x, broadcast_to(mean(x), x.shape()))) ==
        0);
}

TEST_CASE("batch_jacobian and jacobian refuse what has no rows or no derivative") {
  const Var x = input(Shape{4, 3});
  CHECK_THROWS_WITH_AS(batch_jacobian(sum(x), x),
                       "batch_jacobian: x and y need as many rows: x=[4, 3], y=[]", Error);
  CHECK_THROWS_WITH_AS(batch_jacobian(transpose(x), x),
                       "batch_jacobian: x and y need as many rows: x=[4, 3], y=[3, 4]", Error);
  CHECK_THROWS_WITH_AS(batch_jacobian(argmax(x, {1}), x),
                       "batch_jacobian: only f32 and f64 have derivatives: y=i32 [4]", Error);
  CHECK_THROWS_WITH_AS(jacobian(x, Var()),
                       "jacobian: x is an empty Var: nothing was assigned to it", Error);
}

TEST_CASE("hessian is the jacobian of the gradient, and hvp its product with a vector") {
  const Var x = random_parameter(Shape{2, 2}, 1);
  const Var w = random_parameter(Shape{2, 3}, 2);
  const Var y = sum(tanh(matmul(x, w))) * sum(square(x));
  const Var h = hessian(y, x);
  CHECK(h.shape() == Shape{2, 2, 2, 2});
  CHECK(distance(h, looped(grad(y, x), x)) < 1e-13);
  const Var v = random_parameter(x.shape(), 3);
  const Var product = matmul(reshape(h, Shape{4, 4}), reshape(v, Shape{4, 1}));
  CHECK(distance(hvp(y, x, v), reshape(product, x.shape())) < 1e-13);
  CHECK(distance(hessian(sum(square(x)), x), reshape(2 * eye(4, kF64), h.shape())) == 0);
}

// A surrogate: the value is x, the derivative is declared to be that of another function.
const Op& surrogate_op = define({
    .name = "test_surrogate",
    .type = same_as_first,
    .kernel = copy_kernel,
    .vjp = {[](const Call& c, const Var& g) { return g * cumsum(c[0], 0); }},
});

TEST_CASE("hessian and hvp agree where a surrogate gradient makes the matrix unsymmetric") {
  const Var x = random_parameter(Shape{3}, 1);
  const Var y = sum(apply(surrogate_op, {x}));
  const Var h = hessian(y, x);  // of the gradient cumsum(x): ones below the diagonal
  CHECK(run_both(h).values() == std::vector<double>{1, 0, 0, 1, 1, 0, 1, 1, 1});
  const Var v = random_parameter(x.shape(), 3);
  CHECK(distance(hvp(y, x, v), cumsum(v, 0)) < 1e-15);
}

TEST_CASE("derivatives nest: the hessian of a penalty on a hessian, vmap of a hessian") {
  const Var x = random_parameter(Shape{2}, 1);
  const Var w = random_parameter(Shape{2}, 2);
  const Var y = sum(exp(x * w)) * sum(x);
  const Var inner = sum(square(hessian(y, x)));
  CHECK(distance(hessian(inner, w), looped(grad(inner, w), w)) < 1e-11);
  const Var xs = random_parameter(Shape{3, 2}, 3);
  std::vector<Var> each;
  for (std::int64_t i = 0; i < 3; ++i) {
    each.push_back(substitute(hessian(y, x), {x}, {reshape(slice(xs, 0, {i, i + 1}), Shape{2})}));
  }
  CHECK(distance(vmap(hessian(y, x), {x}, {xs}), stack(each)) < 1e-13);
  const Var rows = vmap(y, {x}, {xs});
  CHECK(distance(batch_jacobian(rows, xs), vmap(grad(y, x), {x}, {xs})) < 1e-13);
}

}  // namespace
}  // namespace hourglass

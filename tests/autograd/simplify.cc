#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autograd/graph/cost.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/support.h"

// The rules of simplify but for the contraction normal form: what each takes away, where it must
// not, and that both sides have the same value.

namespace hourglass {
namespace {

using namespace testing;

Var simple(const Var& y, const std::vector<Var>& keep = {}) { return simplify({y}, keep)[0]; }
std::size_t nodes(const Var& y) { return ancestors({y}).size(); }

const Var& matrix() {
  static const Var x = random_parameter(Shape{3, 4}, 1);
  return x;
}
const Var& square_matrix() {
  static const Var x = random_parameter(Shape{4, 4}, 2);
  return x;
}
TEST_CASE("what changes nothing goes, and values stay bit for bit") {
  const Var x = matrix();
  const std::vector<Var> same = {
      x * 1.0,
      1.0 * x,
      x / 1.0,
      x + 0.0,
      0.0 + x,
      x - 0.0,
      -(-x),
      pow(x, 1.0),
      reshape(x, Shape{3, 4}),
      x + zeros_like(x),
      x * ones_like(x),
      reshape(reshape(x, Shape{12}), Shape{3, 4}),
      transpose(transpose(x)),
      transpose(x, {0, 1}),
      sum_to(x, Shape{3, 4}),
      broadcast_to(x, Shape{3, 4}),
  };
  for (const Var& y : same) {
    CAPTURE(y.op().name);
    CHECK(simple(y).same(x));
    CHECK(evaluate({y})[0].identical(x.tensor()));
  }
}

TEST_CASE("a rule writes a node in a cheaper way of the same value") {
  const Var x = matrix(), w = square_matrix(), one = random_parameter(Shape{3, 1, 4}, 3);
  struct Row {
    Var written;
    const char* op;  // what is left at the root
    std::size_t nodes;
  };
  const std::vector<Row> rows = {
      {0.0 - x, "negate", 2},
      {-1.0 * x, "negate", 2},
      {x + -exp(x), "subtract", 3},
      {x - -exp(x), "add", 3},
      {-exp(x) + x, "subtract", 3},
      {x * x, "square", 2},
      {pow(x, 2.0), "square", 2},
      {reshape(reshape(x, Shape{2, 6}), Shape{12}), "reshape", 2},
      {transpose(one, {1, 0, 2}), "reshape", 2},  // an axis of size 1 moves nothing
      {transpose(transpose(one, {2, 1, 0}), {1, 2, 0}), "reshape", 2},
      {broadcast_to(broadcast_to(x, Shape{2, 3, 4}), Shape{5, 2, 3, 4}), "broadcast_to", 2},
      {broadcast_to(reshape(x, Shape{1, 3, 4}), Shape{2, 3, 4}), "broadcast_to", 2},
      {sum(one, {1}), "reshape", 2},
      {matmul(transpose(x), transpose(random_parameter(Shape{5, 3}, 4))), "matmul", 3},
      {matmul(x, transpose(w), false, true), "matmul", 3},
      {matmul(reshape(x, Shape{1, 3, 4}), transpose(reshape(w, Shape{1, 4, 4}))), "matmul", 5},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    const Var y = simple(rows[i].written);
    CHECK(y.op().name == rows[i].op);
    CHECK(nodes(y) <= rows[i].nodes);
    CHECK(distance(y, rows[i].written) <= 1e-15);
  }
}

TEST_CASE("numbers that are the same everywhere are worked out once") {
  const Var two = full(Shape{3, 4}, 2, kF64), three = full(Shape{3, 4}, 3, kF64);
  const Var y =
      simple(exp(two * three - 6.0) + reshape(transpose(full(Shape{4, 3}, 1, kF64)), Shape{3, 4}));
  CHECK(nodes(y) == 2);  // a number, spread
  CHECK(y.value().values() == std::vector<double>(12, 2));
}

TEST_CASE("small constants are worked out once, parameters and draws are not") {
  const Var c = constant(random_tensor(Shape{3, 4}, 1));
  const Var y = matmul(square(c), transpose(tanh(c)));
  CHECK(is_constant(simple(y)));
  CHECK(simple(y).value().identical(evaluate({y})[0]));
  const Var p = parameter(c.tensor());
  CHECK_FALSE(is_constant(simple(square(p))));
  CHECK_FALSE(is_constant(simple(random_normal(random_key(1), "noise", Shape{3}))));
  // Equal work on equal constants is one constant.
  const std::vector<Var> both = simplify({p * square(c), exp(p * square(c))});
  CHECK(both[1].inputs()[0].same(both[0]));
}

TEST_CASE("a constant that is asked for is not folded: the derivative goes through it") {
  const Var number = constant(3, kF64), array = constant(vector_of({1, 2}));
  CHECK(grad(square(number) + sum(broadcast_to(number, Shape{2})), number).value().item() == 8);
  CHECK(grad(sum(square(array)), array).value().values() == std::vector<double>{2, 4});
}

TEST_CASE("only structural zeros go: x * 0 and x - x are NaN where x is") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Var x = parameter(vector_of({nan, 1}));
  for (const Var& y : {x * 0.0, 0.0 * x, x - x, x + -x, x * zeros_like(x), -x + x}) {
    const Tensor value = simple(y).value();
    CHECK(std::isnan(value.at(0)));
    CHECK(value.at(1) == 0);
  }
  CHECK(std::isnan(simple(sum(x) - sum(reshape(x, Shape{2, 1}))).value().item()));
  CHECK(std::isnan(simple(sum(x * 0.0)).value().item()));
  CHECK(std::isnan(simple(sum(square(x - x))).value().item()));
}

TEST_CASE("what looks like a rule and is none stays as it is") {
  const Var x = matrix(), cube = random_parameter(Shape{2, 3, 3}, 5);
  const std::vector<Var> kept = {
      x + 1.0,
      x * 2.0,
      x / 2.0,
      pow(x, 3.0),
      -exp(-x),
      reshape(transpose(x), Shape{12}),
      transpose(x),
      matmul(transpose(cube, {2, 0, 1}), random_parameter(Shape{3, 2}, 6)),
      sum_to(x, Shape{1, 4}),
      broadcast_to(reshape(x, Shape{3, 1, 4}), Shape{3, 2, 4}),
  };
  for (const Var& y : kept) {
    CAPTURE(y.op().name);
    CHECK(simple(y).same(y));
  }
}

TEST_CASE("the sum of what was spread is a multiple") {
  const Var x = matrix();
  const Var spread = broadcast_to(reshape(x, Shape{3, 1, 4}), Shape{3, 5, 4});
  for (const Var& y : {sum(spread, {1}), sum(spread), sum(spread * spread)}) {
    const Var cheap = simple(y);
    CHECK(graph_cost({cheap}).largest_buffer <= 12);
    CHECK(distance(cheap, y) < 1e-15);
  }
}

TEST_CASE("nodes that are asked for are leaves: no rule looks into them") {
  const Var x = matrix();
  const auto check = [](const Var& y, const Var& inner) {
    CAPTURE(y.op().name);
    const Var cheap = simple(y, {inner});
    CHECK(depends_on(ancestors({cheap}), {inner}).back());
    CHECK(distance(cheap, y) < 1e-15);
    CHECK(distance(grad(sum(square(y)), inner),
                   vjp(sum(square(y)), {inner}, constant(1, kF64))[0]) < 1e-14);
  };
  const Var minus = -exp(x), flat = reshape(exp(x), Shape{12}), turned = transpose(exp(x));
  const Var spread = broadcast_to(exp(x), Shape{2, 3, 4}), product = matmul(x, square_matrix());
  check(x + minus, minus);
  check(x - minus, minus);
  check(minus + x, minus);
  check(-minus, minus);
  check(reshape(flat, Shape{4, 3}), flat);
  check(transpose(turned), turned);
  check(matmul(turned, x), turned);
  check(broadcast_to(spread, Shape{5, 2, 3, 4}), spread);
  check(sum(spread, {0}), spread);
  check(matmul(product, square_matrix()), product);
  check(sum(product), product);
}

TEST_CASE("simplify does not look through stop_gradient") {
  const Var x = matrix();
  const Var y = sum(-stop_gradient(-x) * x) + sum(square(stop_gradient(x) * x));
  CHECK(count_ops({simple(y)}, "stop_gradient") == 2);
  CHECK(distance(grad(y, x), vjp(y, {x}, constant(1, kF64))[0]) < 1e-15);
  CHECK(distance(grad(y, x), x + 2.0 * pow(x, 3.0)) < 1e-14);
}

TEST_CASE("labels and scopes stay on what is written anew") {
  const Var x = matrix();
  Var y;
  {
    const LabelScope scope("encoder");
    y = sum(square(matmul(transpose(x), x) * 1.0)).named("energy");
  }
  CHECK(simple(y).label() == "energy");
  CHECK(simple((x * x).named("squares")).label() == "squares");
  CHECK(simple(sum(x * broadcast_to(sum(x), x.shape())).named("loss")).label() == "loss");
  // A node of the user's own takes no other's name.
  CHECK(simple((x * 1.0).named("other")).label().empty());
  for (const Var& node : ancestors({simple(y)})) {
    if (!is_leaf(node)) CHECK(node.scope() == "encoder");
  }
}

}  // namespace
}  // namespace hourglass

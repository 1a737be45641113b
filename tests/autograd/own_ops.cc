// A user's own ops: they may be called anything, and may tell the passes as much as the library's.

#include <doctest/doctest.h>

#include <deque>
#include <string>

#include "autograd/check/gradcheck.h"
#include "autograd/graph/cost.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/map1.h"
#include "autograd/graph/print.h"
#include "autograd/graph/simplify_call.h"
#include "autograd/graph/term.h"
#include "autograd/simplify/simplify.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using namespace testing;

int keep_axis(const Call&, int, int axis) { return axis; }

constexpr auto twice_kernel = map1<[](auto x) { return 2 * x; }>;

// d (2 x) = 2
const Op& define_twice(std::string_view name) {
  return define({
      .name = name,
      .type = same_as_first,
      .kernel = twice_kernel,
      .vjp = {[](const Call&, const Var& g) { return 2.0 * g; }},
      .follow = keep_axis,
  });
}

TEST_CASE("an op may be called like any other: whatever passes know of those, they do not ask") {
  static std::deque<std::string> names = {"conv2d_mine", "random_mine"};
  for (const Op* op : all_ops()) {
    if (!is_tests_own(op->name)) names.push_back(std::string(op->name) + "_mine");
  }
  const Var x = random_parameter(Shape{3, 4}, 1), w = random_parameter(Shape{5, 4}, 2);
  for (const std::string& name : names) {
    CAPTURE(name);
    if (find_op(name)) continue;
    const Op& op = define_twice(name);
    const auto loss = [&](const Var& v, auto&& twice) {
      const Var h = tanh(matmul(twice(v), w, false, true));
      return sum(square(batch_jacobian(h, v))) + sum(square(twice(h)));
    };
    const auto own = [&](const Var& v) { return apply(op, {v}); };
    const Var y = loss(x, own);
    const Var expected = loss(x, [](const Var& v) { return 2.0 * v; });
    CHECK(distance(grad(y, x), grad(expected, x)) < 1e-12);
    CHECK(to_text({y}).find(name) != std::string::npos);
    const auto function = [&](const std::vector<Var>& v) { return loss(v[0], own); };
    CHECK(gradcheck(function, {x.tensor()}).passed);
  }
}

// --- what an op may say of itself

bool double_term(const Call&, contract::Term& term) {
  term.coef *= 2;
  return true;
}

// Two in a row are a product with 4.
std::optional<Var> simplify_twice(const SimplifyCall& c) {
  if (!c.is(c[0], c.node.op())) return {};
  return 4.0 * c[0].inputs()[0];
}

const Op& twice_op = define({
    .name = "twice_mine",
    .type = same_as_first,
    .kernel = twice_kernel,
    .vjp = {[](const Call& c, const Var& g) { return apply(c.op, {g}); }},
    .linear = true,
    .batch = [](const BatchCall& b) { return apply(b.call.op, {b.inputs[0]}); },
    .follow = keep_axis,
    .cost = [](const Call& c) { return 7 * cost_per_output(c); },
    .simplify = simplify_twice,
    .form = {.relabel = double_term},
});

// The same op, and nothing said of it.
const Op& silent_op = define({
    .name = "silent_mine",
    .type = same_as_first,
    .kernel = twice_kernel,
    .vjp = {[](const Call& c, const Var& g) { return apply(c.op, {g}); }},
    .batch = [](const BatchCall& b) { return apply(b.call.op, {b.inputs[0]}); },
    .follow = keep_axis,
});

TEST_CASE("an op's own cost is what it costs") {
  const Var x = random_parameter(Shape{3, 4}, 1);
  CHECK(node_cost(apply(twice_op, {x})).multiply_adds == 7 * 12);
  CHECK(node_cost(apply(silent_op, {x})).multiply_adds == 12);
  CHECK(graph_cost({sum(apply(twice_op, {x}))}).multiply_adds == 7 * 12 + 12);
}

TEST_CASE("an op's own rule is used by simplify, and looks into no kept node") {
  const Var x = random_parameter(Shape{3, 4}, 1);
  const Var once = apply(twice_op, {x}), y = apply(twice_op, {once});
  CHECK(count_ops(simplify({y}), "twice_mine") == 0);
  CHECK(count_ops(simplify({y}), "multiply") == 1);
  CHECK(count_ops(simplify({y}, {once}), "twice_mine") == 2);
  CHECK(distance(simplify({y})[0], y) == 0);
}

double penalty_cost(const Op& op) {
  const Var x = random_parameter(Shape{20, 30}, 1), w = random_parameter(Shape{16, 30}, 2);
  const Var penalty = sum(square(batch_jacobian(tanh(apply(op, {matmul(x, w, false, true)})), x)));
  const std::vector<Var> simple = simplify({penalty});
  CHECK(distance(simple[0], penalty) < 1e-12);
  return graph_cost(simple).multiply_adds;
}

TEST_CASE("an op with a form is opened: the penalty of a layer with it has its closed form") {
  CHECK(penalty_cost(twice_op) < 2 * 20 * 16 * 30);
  CHECK(penalty_cost(silent_op) > 10 * 20 * 16 * 30);
}

// a [m], b [n] -> [m, n]
const Op& outer_op = define({
    .name = "outer_mine",
    .type =
        [](const Call& c) {
          check_arity(c, 2);
          return TensorType{Shape{c[0].elements(), c[1].elements()}, c[0].dtype()};
        },
    .kernel =
        [](const KernelCall& k) {
          const std::int64_t n = k.inputs[1].shape->elements();
          for (std::int64_t i = 0; i < k.elements(); ++i) {
            k.output.as<double>()[i] =
                k.inputs[0].as<double>()[i / n] * k.inputs[1].as<double>()[i % n];
          }
        },
    .vjp = {[](const Call& c, const Var& g) { return matvec(g, c[1]); },
            [](const Call& c, const Var& g) { return matvec(g, c[0], true); }},
    .linear = true,
    .cost = cost_per_output,
    .form = {.product = [](const Call&, const contract::Term& a,
                           const contract::Term& b) { return contract::multiply(a, b, {}); },
             .opens_atoms = true},
    .product = true,
});

// sum over i, j of (a_i b_j)^2 = (sum of a^2) (sum of b^2)
TEST_CASE("a product of one's own falls apart where its sums do") {
  const Var a = random_parameter(Shape{50}, 1), b = random_parameter(Shape{40}, 2);
  const Var y = sum(square(apply(outer_op, {a, b})));
  const std::vector<Var> simple = simplify({y});
  CHECK(count_ops(simple, "outer_mine") == 0);
  CHECK(graph_cost(simple).multiply_adds <= 4 * (50 + 40));
  CHECK(distance(simple[0], y) < 1e-12);
}

void mean_kernel(const KernelCall& k) {
  for (std::int64_t i = 0; i < k.elements(); ++i) {
    k.output.as<double>()[i] = 0.5 * (k.inputs[0].as<double>()[i] + k.inputs[1].as<double>()[i]);
  }
}

TEST_CASE("an op that says so commutes, and only such") {
  static const Op& mean =
      define({.name = "mean_mine", .type = same_as_first, .kernel = mean_kernel, .commutes = true});
  static const Op& first =
      define({.name = "first_mine", .type = same_as_first, .kernel = mean_kernel});
  const Var a = random_parameter(Shape{4}, 1), b = random_parameter(Shape{4}, 2);
  const auto same = [&](const Op& op) {
    const std::vector<Var> both = simplify({apply(op, {a, b}), apply(op, {b, a})});
    return both[0].same(both[1]);
  };
  CHECK(same(mean));
  CHECK_FALSE(same(first));
}

// An identity whose derivative is another: what is between reads the input itself when compiled.
TEST_CASE("an op that renames needs no kernel, and one for derivatives is not compiled") {
  static const Op& reversed = define({
      .name = "reversed_mine",
      .type = same_as_first,
      .vjp = {[](const Call&, const Var& g) { return -g; }},
      .is_view = true,
      .for_derivatives = true,
  });
  const Var x = random_parameter(Shape{4}, 1);
  const Var y = apply(reversed, {x});
  CHECK(distance(y, x) == 0);
  CHECK(distance(grad(sum(y), x), -ones_like(x)) == 0);
  CHECK(compile({exp(y)}).plan().find("reversed_mine") == std::string::npos);
}

// Ops are bound when the library is loaded, before a program's own start-up code.
const Var kMadeAtStart = sum_to(matmul(full(Shape{2, 3}, 1), full(Shape{3, 2}, 2)), Shape{2});

TEST_CASE("ops can be used by a program's start-up code") {
  CHECK(kMadeAtStart.value().values() == std::vector<double>{12, 12});
}

}  // namespace
}  // namespace hourglass

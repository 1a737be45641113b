#include <doctest/doctest.h>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::count_ops;
using testing::distance;
using testing::kF64;
using testing::random_parameter;

// Two layers whose weights are reached by capture, with a tied matrix, noise and an index op.
struct TwoLayers {
  Var w = random_parameter(Shape{3, 4}, 1);
  Var b = random_parameter(Shape{4}, 2);

  Var operator()(const std::vector<Var>& xs) const {
    const Var noise = random_normal(random_key(1), "noise", Shape{4}, kF64);
    const Var h = tanh(matmul(xs[0], w) + square(b) * noise);
    const Var y = matmul(h, w, false, true) * xs[1];
    return y + max(y, {1}, true);
  }
};

TEST_CASE("a checkpoint has the values and the derivatives of any order of what it wraps") {
  const TwoLayers block;
  const Var x = random_parameter(Shape{5, 3}, 3);
  const Var s = random_parameter(Shape{3}, 4);
  const auto loss = [&](const Function& f) {
    const Var once = f({x, s});
    return sum(square(f({once, s + 1})) * once);
  };
  const Var plain = loss(block);
  const Var saved = loss(checkpoint(block));
  CHECK(distance(plain, saved) == 0);
  const std::vector<Var> xs = {x, s, block.w, block.b};
  const std::vector<Var> g = grad(saved, xs);
  const std::vector<Var> expected = grad(plain, xs);
  for (std::size_t i = 0; i < xs.size(); ++i) {
    CHECK(distance(g[i], expected[i]) < 1e-13);
    const Var v = random_parameter(xs[i].shape(), 10 + i);
    CHECK(distance(hvp(saved, xs[i], v), hvp(plain, xs[i], v)) < 1e-12);
    CHECK(distance(jvp(saved, {xs[i]}, {v}), jvp(plain, {xs[i]}, {v})) < 1e-13);
    const Var third = sum(hvp(saved, xs[i], v) * v);
    CHECK(distance(grad(third, x), grad(sum(hvp(plain, xs[i], v) * v), x)) < 1e-11);
  }
}

TEST_CASE("the backward pass computes a checkpoint's inside again, and simplify keeps it so") {
  const Var x = random_parameter(Shape{4}, 1);
  const auto f = [](const std::vector<Var>& xs) { return exp(tanh(sin(xs[0]))); };
  const auto tanhs = [&](const Function& wrapped) {
    const Var y = sum(wrapped({x}));
    return count_ops(simplify({y, grad(y, x)}), "tanh");
  };
  CHECK(tanhs(f) == 1);
  CHECK(tanhs(checkpoint(f)) == 2);
}

TEST_CASE("a chain of checkpoints needs less memory than the chain, for the same gradient") {
  const Var x = input(Shape{64, 64}, kF64);
  const Function segment = [](const std::vector<Var>& xs) {
    Var y = xs[0];
    for (int i = 0; i < 8; ++i) y = tanh(matmul(y, y));
    return y;
  };
  const auto gradient = [&](const Function& f) {
    Var y = x;
    for (int i = 0; i < 8; ++i) y = f({y});
    return compile({grad(sum(y), x)}, {.inputs = {x}});
  };
  Program plain = gradient(segment);
  Program saved = gradient(checkpoint(segment));
  const Tensor fed = testing::random_tensor(Shape{64, 64}, 1);
  CHECK(distance(plain.run({fed})[0], saved.run({fed})[0]) < 1e-12);
  // 64 kept activations against 8 between the segments and 8 within one.
  CHECK(saved.arena_bytes() < 0.45 * static_cast<double>(plain.arena_bytes()));
}

TEST_CASE("checkpoints nest, and an empty or unused one is no special case") {
  const Var x = random_parameter(Shape{4}, 1);
  const Function inner = checkpoint([](const std::vector<Var>& xs) { return sin(exp(xs[0])); });
  const Function outer =
      checkpoint([&](const std::vector<Var>& xs) { return tanh(inner({inner(xs) * xs[0]})); });
  const auto plain = [](const Var& v) { return sin(exp(v)); };
  const Var expected = sum(tanh(plain(plain(x) * x)));
  const Var y = sum(outer({x}));
  CHECK(distance(grad(y, x), grad(expected, x)) < 1e-14);
  const Var v = random_parameter(Shape{4}, 2);
  CHECK(distance(hvp(y, x, v), hvp(expected, x, v)) < 1e-13);

  const Function same = checkpoint([](const std::vector<Var>& xs) { return xs[0]; });
  CHECK(distance(grad(sum(same({x}) * x), x), 2 * x) < 1e-15);
  const Function other = checkpoint([&](const std::vector<Var>&) { return exp(v); });
  CHECK(distance(grad(sum(other({x})), v), exp(v)) < 1e-15);
  CHECK(distance(grad(sum(other({x})), x), zeros_like(x)) == 0);
}

TEST_CASE("a variable inside of a checkpoint has its derivative") {
  const Var x = random_parameter(Shape{4}, 1);
  Var h;
  const Function f = checkpoint([&](const std::vector<Var>& xs) {
    h = tanh(xs[0]);
    return exp(h) * xs[0];
  });
  const Var y = sum(f({x}));
  const std::vector<Var> g = grad(y, {h, x});
  CHECK(distance(g[0], exp(h) * x) < 1e-15);
  CHECK(distance(g[1], exp(h) * x * (1 - square(h)) + exp(h)) < 1e-15);
}

TEST_CASE("a weight that is read by itself and through another read is counted once") {
  const Var x = random_parameter(Shape{4}, 1);
  const Var w = random_parameter(Shape{4}, 2);
  const Var w2 = square(w);
  const Function f =
      checkpoint([&](const std::vector<Var>& xs) { return sin(xs[0] * w) * exp(w2 * xs[0]); });
  const Var expected = sin(x * w) * exp(w2 * x);
  CHECK(distance(grad(sum(f({x})), w), grad(sum(expected), w)) < 1e-14);
}

TEST_CASE("transforms and checkpoints mix") {
  const Var x = input(Shape{3}, kF64);
  const Var w = random_parameter(Shape{3}, 1);
  const Function inside = [&](const std::vector<Var>& xs) { return sin(exp(xs[0]) * w); };
  const Var plain = inside({x});
  const Var saved = checkpoint(inside)({x});
  const Var xs = random_parameter(Shape{5, 3}, 2);
  CHECK(distance(vmap(saved, {x}, {xs}), vmap(plain, {x}, {xs})) == 0);
  CHECK(distance(vmap(grad(sum(saved), w), {x}, {xs}), vmap(grad(sum(plain), w), {x}, {xs})) <
        1e-15);
  const Var total = sum(square(vmap(saved, {x}, {xs})));
  CHECK(distance(grad(total, w), grad(sum(square(vmap(plain, {x}, {xs}))), w)) < 1e-14);
  const Var rows = checkpoint(inside)({xs});
  CHECK(distance(batch_jacobian(rows, xs), batch_jacobian(inside({xs}), xs)) < 1e-15);
  CHECK(distance(jacobian(rows, w), jacobian(inside({xs}), w)) < 1e-15);
  const std::vector<Var> lifted = cast_graph({grad(sum(rows), xs), xs}, DType::kF32);
  CHECK(distance(cast(lifted[0], kF64), grad(sum(inside({xs})), xs)) < 1e-5);
}

TEST_CASE("the seeds of a jacobian do not multiply a checkpoint's recomputation") {
  const Var x = random_parameter(Shape{6}, 1);
  const Function f = checkpoint([](const std::vector<Var>& xs) { return exp(sin(xs[0])); });
  const Var j = jacobian(f({x}), x);
  for (const Var& node : simplify({j})) CHECK(node.defined());
  CHECK(distance(j, jacobian(exp(sin(x)), x)) < 1e-15);
  // sin's cosine is computed for x once, not for each seed.
  const Program program = compile({j});
  CHECK(program.plan().find("[6, 6]             -> @0  from input") == std::string::npos);
}

}  // namespace
}  // namespace hourglass

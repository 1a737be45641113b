#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/graph/var_map.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

constexpr int kNodes = 1'000'000;

// Every walk over a graph is a loop, and linear: a recursive one would overflow the stack here, a
// quadratic one would take hours.
TEST_CASE("a chain of 1,000,000 nodes builds, runs, compiles and is freed" *
          doctest::test_suite("long")) {
  const Var one = constant(1, DType::kF64);
  {
    Var x = parameter(Tensor::scalar(0, DType::kF64));
    for (int i = 0; i < kNodes; ++i) x = add(x, one);
    CHECK(x.value().item() == kNodes);
    Program program = compile({x});
    CHECK(program.run()[0].item() == kNodes);
    CHECK(program.arena_bytes() == 64);
  }
}

TEST_CASE("a chain of 100,000 nodes is differentiated and rebuilt") {
  const Var x = parameter(Tensor::scalar(0.5, DType::kF64));
  Var y = x;
  for (int i = 0; i < kNodes / 10; ++i) y = negate(y);
  CHECK(grad(y, x).value().item() == 1);
  const Var lifted = cast_graph(y, DType::kF32);
  CHECK(lifted.value().item() == 0.5);
  CHECK(substitute(y, {x}, {constant(2, DType::kF64)}).value().item() == 2);
}

// Scalars of so many nodes, of two square weights and a bias.
using Weights = std::vector<Var>;

Var chain(const Weights& w, int nodes) {
  Var y = w[0];
  for (int i = 0; i < nodes / 2; ++i) y = tanh(y) * w[1];
  return sum(y);
}

Var net(const Weights& w, int nodes) {
  Var y = w[0];
  for (int i = 0; i < nodes / 3; ++i) y = tanh(matmul(y, w[1])) + w[2];
  return sum(y);
}

Var wide(const Weights& w, int nodes) {
  std::vector<Var> terms;
  for (int k = 1; k <= nodes / 2; ++k) terms.push_back(sin(w[0] * static_cast<double>(k)));
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2) terms.push_back(terms[i] + terms[i + 1]);
  return sum(terms.back());
}

// What grad and compile do to such a graph: how often a walk met a node, and how many were made.
struct TotalWork {
  double met, made;
};
TotalWork work_of(Var (*graph)(const Weights& w, int nodes), int nodes) {
  Weights w;
  for (int i = 0; i < 3; ++i) w.push_back(parameter(Tensor::full(Shape{8, 8}, 0.1)));
  const Var y = graph(w, nodes);
  const std::uint64_t met = VarSet::additions(), made = constant(0).id();
  std::vector<Var> outputs = grad(y, w);
  outputs.push_back(y);
  compile(outputs);
  return {static_cast<double>(VarSet::additions() - met),
          static_cast<double>(constant(0).id() - made)};
}

// Small graphs cost less a node: some searches end at a limit that these do not reach.
TEST_CASE("each 3,000 nodes more cost grad and compile the same: of a chain, a tied net, a sum") {
  for (const auto graph : {chain, net, wide}) {
    const TotalWork first = work_of(graph, 6000), second = work_of(graph, 9000);
    const TotalWork third = work_of(graph, 12000);
    CHECK(third.met - second.met < 1.2 * (second.met - first.met));
    CHECK(third.made - second.made < 1.2 * (second.made - first.made));
  }
}

// Past the sizes at which sums are merged. Each layer in its normal form would be 28,000.
TEST_CASE("layers of a deep net that are alike are not all written in their normal form") {
  CHECK(work_of(net, 18000).made - work_of(net, 15000).made < 7 * 3000);
}

TEST_CASE("100,000 nodes that need nothing rewritten go through simplify as they are") {
  const Var w = parameter(Tensor(Shape{8, 8}, DType::kF64));
  const Var b = parameter(Tensor(Shape{4, 8}, DType::kF64));
  Var y = parameter(Tensor(Shape{4, 8}, DType::kF64));
  for (int i = 0; i < kNodes / 30; ++i) y = tanh(matmul(y, w) + b);
  CHECK(simplify({y})[0].same(y));
}

}  // namespace
}  // namespace hourglass

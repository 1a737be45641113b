#include <doctest/doctest.h>

#include <vector>

#include "autograd/compile/program.h"
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

TEST_CASE("100,000 nodes that need nothing rewritten go through simplify as they are") {
  const Var w = parameter(Tensor(Shape{8, 8}, DType::kF64));
  const Var b = parameter(Tensor(Shape{4, 8}, DType::kF64));
  Var y = parameter(Tensor(Shape{4, 8}, DType::kF64));
  for (int i = 0; i < kNodes / 30; ++i) y = tanh(matmul(y, w) + b);
  CHECK(simplify({y})[0].same(y));
}

}  // namespace
}  // namespace hourglass

#include "autograd/compile/plan.h"

#include <doctest/doctest.h>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {

using namespace internal;

namespace {

TEST_CASE("a program whose buffers would not fit in memory is refused before it runs") {
  const Var x = input(Shape{1000, 500}, DType::kF32);
  const Var y = matmul(x, x, false, true);
  const Var e = exp(y), t = tanh(y);  // in this order, which a call's arguments have not everywhere
  const Var z = matmul(t, e);
  CHECK_THROWS_WITH_AS(
      compile({z}, {.inputs = {x}, .memory_limit = 5'000'000}),
      "compile: buffers do not fit in memory: 12.0 MB vs 5.0 MB: largest: tanh f32 [1000, 1000] "
      "4.0 MB, exp f32 [1000, 1000] 4.0 MB, matmul f32 [1000, 1000] 4.0 MB",
      Error);
  CHECK_THROWS_AS(compile({z}, {.inputs = {x}, .memory_limit = 11'000'000}), Error);
  // What is returned is beside the arena.
  CHECK(compile({z}, {.inputs = {x}, .memory_limit = 13'000'000}).arena_bytes() == 8'000'000);
}

TEST_CASE("by default the limit is what the machine has left") {
  const Var x = input(Shape{1 << 24}, DType::kF64);
  const Var huge = broadcast_to(x, Shape{1 << 20, 1 << 24});  // 128 terabytes
  try {
    compile({cumsum(huge, 0)}, {.inputs = {x}});
    FAIL("not refused");
  } catch (const Error& error) {
    const std::string text = error.what();
    CAPTURE(text);
    CHECK(text.starts_with("compile: buffers do not fit in memory: "));
    CHECK(text.find("cumsum f64 [1048576, 16777216] 140737488.4 MB") != std::string::npos);
  }
}

TEST_CASE("a plan says how much memory it takes and when most of it is alive") {
  const Var x = input(Shape{100}, DType::kF64);
  const std::string plan = compile({cumsum(cumsum(x, 0), 0)}, {.inputs = {x}}).plan();
  CHECK(plan.ends_with("\narena 832 bytes, 832 alive at line 1\n"));
}

TEST_CASE("a plan says who computes a product, and why loops are apart") {
  const Var x = input(Shape{64, 64}, DType::kF32);
  const std::string product = compile({matmul(x, x)}, {.inputs = {x}}).plan();
  CHECK((product.find("  by tiles") != std::string::npos ||
         product.find("  by OpenBLAS") != std::string::npos));
  const Var h = tanh(x);
  const std::string waits = compile({matmul(x, h) * h}, {.inputs = {x}}).plan();
  CHECK(waits.find("(multiply waits for a kernel, tanh does not)") != std::string::npos);
  Var deep = x;
  for (int i = 0; i < 70; ++i) deep = tanh(deep);
  CHECK(compile({deep}, {.inputs = {x}}).plan().find("(more than 64 nodes)") != std::string::npos);
  const Var a = testing::random_parameter(Shape{2, 4, 1}, 1);
  const Var b = testing::random_parameter(Shape{1, 4, 3}, 2);
  const Var c = testing::random_parameter(Shape{2, 1, 3}, 3);
  const std::string rows = compile({tanh(a * c) + tanh(b * c)}).plan();
  CHECK(rows.find("(rows of other lengths)") != std::string::npos);
}

TEST_CASE("what only an `after` waits for is not computed, but what others read is, in order") {
  const Var x = input(Shape{10}, DType::kF64);
  const Var vain = exp(x);
  const std::string plan = compile({after(tanh(x), vain)}, {.inputs = {x}}).plan();
  CHECK(plan.find("exp") == std::string::npos);
  CHECK(plan.find("tanh") != std::string::npos);
  const std::string both = compile({after(cumsum(x, 0), vain), vain}, {.inputs = {x}}).plan();
  CHECK(both.find("exp") < both.find("cumsum"));
}

}  // namespace
}  // namespace hourglass

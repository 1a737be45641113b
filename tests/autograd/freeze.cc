#include <doctest/doctest.h>

#include <cstring>

#include "autograd/compile/program.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/step.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::random_parameter;

// A layer, tied to the one that leads back: its weight is read both ways.
struct Tied {
  Var w = random_parameter(Shape{50, 33}, 1).named("w"), b = random_parameter(Shape{50}, 2);
  Var operator()(const Var& x) const {
    return matmul(tanh(matmul(x, w, false, true) + b), square(w)) / (1 + sum(square(w)));
  }
};

TEST_CASE("a frozen program gives the bits of one that is not, whatever its rows") {
  const Tied layer;
  for (const std::int64_t rows : {1, 2, 9, 40}) {
    const Var x = input(Shape{rows, 33}, DType::kF64);
    const Tensor data = random_parameter(Shape{rows, 33}, 3).tensor();
    const Tensor a = compile({layer(x)}, {.inputs = {x}}).run({data})[0];
    Program frozen = compile({layer(x)}, {.inputs = {x}, .frozen = true});
    CHECK(std::memcmp(a.raw(), frozen.run({data})[0].raw(), a.bytes()) == 0);
  }
}

TEST_CASE("a frozen convolution that is a dense layer gives the same bits, and is a product") {
  const Var w = random_parameter(Shape{40, 3, 5, 4}, 1), b = random_parameter(Shape{40}, 2);
  for (const std::int64_t images : {1, 3, 20}) {
    const Var x = input(Shape{images, 3, 5, 4}, DType::kF64);
    const Tensor data = random_parameter(x.shape(), 3).tensor();
    const Var y = channel_bias(conv2d(x, w), b);
    const Tensor a = compile({y}, {.inputs = {x}}).run({data})[0];
    Program frozen = compile({y}, {.inputs = {x}, .frozen = true});
    const Tensor& got = frozen.run({data})[0];
    CHECK(got.shape() == y.shape());
    CHECK(std::memcmp(a.raw(), got.raw(), a.bytes()) == 0);
    CHECK((frozen.plan().find("matmul") != std::string::npos) == (images < 16));
  }
}

TEST_CASE("a frozen program computes once what depends on parameters alone, of their values then") {
  const Tied layer;
  const Var x = input(Shape{1, 33}, DType::kF64);
  const Tensor data = random_parameter(Shape{1, 33}, 3).tensor();
  Program moving = compile({layer(x)}, {.inputs = {x}});
  Program frozen = compile({layer(x)}, {.inputs = {x}, .frozen = true});
  const auto lines = [](const Program& program) {
    const std::string plan = program.plan();
    return std::count(plan.begin(), plan.end(), '\n');
  };
  CHECK(lines(frozen) < lines(moving));
  const Tensor before = frozen.run({data})[0];
  layer.w.assign(Tensor::full(Shape{50, 33}, 0.5, DType::kF64));
  CHECK(frozen.run({data})[0].values() == before.values());
  CHECK(moving.run({data})[0].values() != before.values());
}

TEST_CASE("what a frozen program updates, and draws, moves on") {
  const Var w = parameter(Tensor::scalar(2, DType::kF64)),
            fixed = parameter(Tensor::scalar(3, DType::kF64));
  Program program = compile({w * fixed}, {.updates = {{w, w + fixed}}, .frozen = true});
  CHECK(program.run()[0].item() == 6);
  fixed.assign(Tensor::scalar(100, DType::kF64));
  CHECK(program.run()[0].item() == 15);
  CHECK(w.tensor().item() == 8);
  Step step = make_step(1);
  Program drawn = compile(step, {random_normal(step.key, "noise", Shape{4})}, {.frozen = true});
  const Tensor first = drawn.run()[0];
  CHECK(drawn.run()[0].values() != first.values());
}

}  // namespace
}  // namespace hourglass

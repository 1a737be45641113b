#include "autograd/ops/step.h"
#include "autograd/simplify/simplify.h"

#include <doctest/doctest.h>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::distance;
using testing::kF64;
using testing::random_parameter;
using testing::run_both;

TEST_CASE("the step is a parameter that the program advances, and noise changes with it") {
  Step step = make_step(7);
  const Var noise = random_normal(step.key, "d", Shape{5}, kF64);
  Program program = compile(step, {noise, step.step});
  const Tensor first = program.run()[0];
  const Tensor second = program.run()[0];
  CHECK_FALSE(first.identical(second));
  CHECK(program.run()[1].item() == 2);
  step.step.assign(Tensor::scalar(0, DType::kI32));
  CHECK(program.run()[0].identical(first));
  CHECK(make_step(7, true, 41).step.tensor().item() == 41);
}

TEST_CASE("a second update of the step is refused like any other") {
  Step step = make_step(7);
  step.update(step.step, step.step);
  CHECK_THROWS_WITH_AS(compile(step, {}), "compile: a parameter is updated twice: step i32 []",
                       Error);
}

TEST_CASE("a program that reads a step's new value and does not write it back is refused") {
  Step step = make_step(7);
  const Var w = parameter(Tensor::scalar(2, kF64)).named("w");
  const Var fresh = step.update(w, 3.0 * w);
  const char* message =
      "compile: the new value of parameter w f64 [] is read, and not written back: compile(step, "
      "...) writes what the step has recorded";
  CHECK_THROWS_WITH_AS(compile({fresh + 1.0}), message, Error);
  CHECK_THROWS_WITH_AS(compile({}, {.updates = {{step.step, step.step}}, .watch = {fresh}}),
                       message, Error);
  compile({w});  // the old value is anybody's to read
  CHECK(compile({fresh + 1.0}, {.updates = {{w, fresh}}}).run()[0].item() == 7);
  CHECK(w.tensor().item() == 6);
  const Var other = parameter(Tensor::scalar(1, kF64));
  CHECK(compile(step, {fresh}, {.updates = {{other, fresh}}}).run()[0].item() == 18);
  CHECK(other.tensor().item() == 18);
  CHECK(step.step.tensor().item() == 1);
  CHECK(fresh.value().item() == 54);
  CHECK(grad(fresh, w).value().item() == 3);
}

TEST_CASE("equal key, stream and shape are one draw: in the value, the gradient, another call") {
  const RandomKey key = random_key(1);
  const Var x = random_parameter(Shape{6}, 1);
  const Var y = sum(square(x * random_normal(key, "a", Shape{6}, kF64)));
  const Var again = random_normal(random_key(1), "a", Shape{6}, kF64);
  CHECK(distance(grad(y, x), 2 * x * square(again)) < 1e-15);
  CHECK(testing::count_ops(simplify({y, again}), "random_normal") == 1);
}

TEST_CASE("another seed, stream, step or kind is another draw") {
  const Tensor base = random_uniform(random_key(1), "a", Shape{64}, kF64).value();
  const auto differs = [&](const Var& draw) {
    int equal = 0;
    const Tensor other = run_both(draw);
    for (std::int64_t i = 0; i < 64; ++i) equal += base.at(i) == other.at(i);
    return equal <= 1;
  };
  CHECK(differs(random_uniform(random_key(2), "a", Shape{64}, kF64)));
  CHECK(differs(random_uniform(random_key(std::uint64_t{1} << 32), "a", Shape{64}, kF64)));
  CHECK(differs(random_uniform(random_key(1), "b", Shape{64}, kF64)));
  CHECK(differs(random_uniform(random_key(1, constant(1, DType::kI32)), "a", Shape{64}, kF64)));
  CHECK(differs(random_normal(random_key(1), "a", Shape{64}, kF64)));
}

TEST_CASE("row i of a draw does not depend on the batch size, and f64 widens f32") {
  const RandomKey key = random_key(5);
  const Tensor large = random_normal(key, "a", Shape{9, 7}).value();
  const Tensor small = random_normal(key, "a", Shape{4, 7}).value();
  CHECK(large.rows(0, 4).identical(small));
  CHECK(random_normal(key, "a", Shape{9, 7}, kF64).value().identical(large.cast(kF64)));
}

TEST_CASE("two shapes or kinds on one stream throw, in evaluate and in compile") {
  const Var a = random_normal(random_key(1), "e", Shape{2}, kF64);
  const Var b = random_normal(random_key(1), "e", Shape{3}, kF64);
  const Var c = random_uniform(random_key(1), "e", Shape{2}, kF64);
  const char* shapes =
      "random_normal: stream e is drawn twice with different shapes or kinds: random_normal [2] vs "
      "random_normal [3]: give each draw a name of its own";
  CHECK_THROWS_WITH_AS(evaluate({a, b}), shapes, Error);
  CHECK_THROWS_WITH_AS(compile({a, b}), shapes, Error);
  const char* kinds =
      "random_uniform: stream e is drawn twice with different shapes or kinds: random_normal [2] "
      "vs random_uniform [2]: give each draw a name of its own";
  CHECK_THROWS_WITH_AS(evaluate({a, c}), kinds, Error);
  CHECK_THROWS_WITH_AS(compile({a, c}), kinds, Error);
  run_both(std::vector<Var>{a, random_normal(random_key(2), "e", Shape{3}, kF64),
                            random_normal(random_key(1), "f", Shape{3}, kF64)});
  const Step step = make_step(1);
  CHECK_THROWS_AS(
      evaluate({random_normal(step.key, "a", Shape{2}), random_normal(step.key, "a", Shape{3})}),
      Error);
}

TEST_CASE("two names of one hash throw, and of two keys or steps are no matter") {
  const RandomKey key = random_key(1);
  const Var a = random_normal(key, "costarring", {2}), b = random_normal(key, "liquid", {2});
  const char* message =
      "random_normal: the names costarring and liquid have one hash: give one of them another name";
  CHECK_THROWS_WITH_AS(evaluate({a, b}), message, Error);
  CHECK_THROWS_WITH_AS(compile({a, b}), message, Error);
  evaluate({a, random_normal(random_key(2), "liquid", {2})});
}

TEST_CASE("a layer's draws are named after where it stands, and a name is taken once a step") {
  Step step = make_step(1);
  CHECK(step.stream("dropout").number() == Stream("dropout").number());
  {
    const LabelScope encoder("encoder"), layer("0");
    CHECK(LabelScope::current() == "encoder.0");
    CHECK(step.stream("dropout").name() == "encoder.0.dropout");
    CHECK_THROWS_WITH_AS(step.stream("dropout"),
                         "step: the draws encoder.0.dropout are another's in this step: give the "
                         "layer or model a name, or a LabelScope, of its own",
                         Error);
  }
  CHECK(LabelScope::current() == "");
  CHECK(step.stream({"kept", 7}).number() == 7);
  CHECK_THROWS_AS(step.stream("kept"), Error);
  make_step(1).stream("kept");
}

TEST_CASE("draws check their key, stream and dtype") {
  const RandomKey key = random_key(1);
  CHECK_THROWS_WITH_AS(random_uniform({constant(1.0), key.step}, "a", Shape{}),
                       "random_uniform: key and step must be i32: a=[], b=[]: got f32 and i32",
                       Error);
  CHECK_THROWS_WITH_AS(random_uniform({key.step, key.step}, "a", Shape{}),
                       "random_uniform: a key is two words: a=[], b=[]", Error);
  CHECK_THROWS_WITH_AS(random_uniform(key, "a", Shape{}, DType::kI32),
                       "random_uniform: draws are f32 or f64: a=[2], b=[]: got i32", Error);
}

}  // namespace
}  // namespace hourglass

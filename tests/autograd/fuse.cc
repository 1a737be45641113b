// What becomes one loop, one pass, and in which order it runs.

#include "autograd/compile/fuse.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <limits>

#include "autograd/compile/program.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/step.h"
#include "autograd/transform/transform.h"
#include "nn/train/optimizers.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {

using namespace internal;

namespace {

using testing::check_identical;
using testing::random_parameter;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string plan_of(const std::vector<Var>& outputs) { return compile(outputs).plan(); }

TEST_CASE("chains of cheap lanes are one pass, with the bits of the reference") {
  const Var a = random_parameter(Shape{7, 9}, 1), b = random_parameter(Shape{7, 9}, 2);
  const Var c = random_parameter(Shape{7, 9}, 3), d = random_parameter(Shape{7, 9}, 4);
  const auto check = [](const Var& y, const std::string& steps) {
    CAPTURE(plan_of({y}));
    CHECK(contains(plan_of({y}), steps));
    check_identical({y});
  };
  check(a * b + c * d, "{ multiply+multiply+add }");
  check(square(a) - c * d, "{ square+multiply+subtract }");
  check((a + b) * c, "{ add+multiply }");
  check(c - (a * b), "{ multiply+subtract }");
  check(sqrt(square(a)), "{ square+sqrt }");
  check(d / (a - b), "{ subtract+divide }");
  check((a + b) * (c + d), "{ add+add+multiply }");
  check(relu(a + b), "{ add+relu }");
  check((a + b) * c - d, "{ add+multiply+subtract }");
  check((a * b - c) * d + a, "{ multiply+subtract+multiply+add }");
  check(0.5 * (a - b) * a * (1 - a), "{ subtract+multiply+multiply+subtract+multiply }");
  check((1 - square(a)) * b, "{ square+subtract+multiply }");
  check(tanh(a + b) * c, "{ add tanh multiply }");
  // One part at a time is worked out aside, and eight arrays are read.
  const Var e = (a * b + c * d) / (a * c + b * d);
  check(e, "{ multiply+multiply+add multiply+multiply+add+divide }");
  check(e - a * d, "{ multiply+multiply+add multiply+multiply+add+divide+multiply+subtract }");
  Var many = random_parameter(Shape{7, 9}, 5);
  for (std::uint32_t i = 6; i < 15; ++i) many = many + random_parameter(Shape{7, 9}, i);
  check(many, "{ add+add+add+add+add+add+add add+add }");
}

TEST_CASE(
    "elementwise loops have the bits of the reference at lengths about those of their tiles") {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    for (const std::int64_t n : {1, 511, 512, 513, 1023, 1024, 1025, 4095, 4097, 8191, 20000}) {
      const Var a = parameter(testing::random_tensor(Shape{n}, 1, -1, 1, dtype));
      const Var b = parameter(testing::random_tensor(Shape{n}, 2, -1, 1, dtype));
      check_identical({0.5 * (a - b) * a * (1 - a), relu(a * b)});
      check_identical({2.0 - a});
      check_identical({tanh(a + b) * exp(a) - sigmoid(b) * a});
    }
    for (const std::int64_t columns : {1, 300, 512, 513, 1000, 1030, 2050}) {
      const Var a = parameter(testing::random_tensor(Shape{9, columns}, 1, -1, 1, dtype));
      const Var b = parameter(testing::random_tensor(Shape{columns}, 2, -1, 1, dtype));
      const Var c = parameter(testing::random_tensor(Shape{9, 1}, 3, -1, 1, dtype));
      check_identical({relu(a + b), (a * c - b) * a});
    }
  }
}

TEST_CASE("a value with two readers, or that is stored, is not hidden in a chain") {
  const Var a = random_parameter(Shape{40}, 1), b = random_parameter(Shape{40}, 2);
  const Var shared = a + b;
  CHECK(contains(plan_of({shared * a, shared * b}), "{ add multiply multiply }"));
  CHECK(contains(plan_of({shared, shared * a}), "{ add multiply }"));
  check_identical({shared * a, shared * b, shared});
}

// What a chain reads late must not have been written over in between.
TEST_CASE("an output is not written over what a later step of the loop still reads") {
  const Var w = random_parameter(Shape{600}, 1).named("w");
  const Var x = random_parameter(Shape{600}, 2);
  const Var product = w * x;  // joined to the last step
  const Var fresh = w + 1.0;  // written in between
  const Var late = product + tanh(fresh);
  const std::vector<Tensor> expected = evaluate({late, fresh});
  Program program = compile({late}, {.updates = {{w, fresh}}});
  CHECK(program.run()[0].identical(expected[0]));
  CHECK(w.tensor().identical(expected[1]));
}

// Values to rounding, from sizes below a tile to several blocks.
void check_sums(const Var& x, const Var& y, const std::vector<std::vector<int>>& axes) {
  for (const std::vector<int>& which : axes) {
    const Var terms = tanh(x * y);
    const std::vector<Var> outputs = {sum(terms, which), sum(square(terms), which, true)};
    const std::string plan = compile(outputs).plan();
    CAPTURE(to_string(x.shape()));
    CAPTURE(plan);
    CHECK(contains(plan, " sum_to"));
    CHECK_FALSE(plan.starts_with("sum_to"));
    CHECK_FALSE(contains(plan, "\nsum_to"));
    testing::run_both(outputs);
  }
}

TEST_CASE("sums of all, of rows and of columns are made by the loop that makes their terms") {
  for (const std::int64_t rows : {2, 3, 17, 128, 300, 1100}) {
    for (const std::int64_t columns : {2, 5, 36, 256, 257, 784, 1111}) {
      const Var x = random_parameter(Shape{rows, columns}, 1);
      check_sums(x, random_parameter(Shape{columns}, 2), {{}, {0}, {1}});
      check_sums(x, random_parameter(Shape{rows, 1}, 3), {{}, {0}, {1}});
    }
  }
  check_sums(random_parameter(Shape{30000}, 1), random_parameter(Shape{30000}, 2), {{}});
  check_sums(random_parameter(Shape{4, 6, 7, 50}, 1), random_parameter(Shape{7, 50}, 2),
             {{}, {0, 1}, {2, 3}});
}

TEST_CASE("a channel's bias is spread over its images by the loop that adds it") {
  const Shape shapes[] = {{3, 5, 2, 7}, {4, 3, 25, 30}, {2, 6, 1, 3}, {70, 1, 9, 9}, {5, 4, 700}};
  for (const Shape& shape : shapes) {
    for (const DType dtype : {DType::kF32, DType::kF64}) {
      const Var y = parameter(testing::random_tensor(shape, 1, -1, 1, dtype));
      const Var bias = parameter(testing::random_tensor({shape[1]}, 2, -1, 1, dtype));
      const Var out = relu(channel_bias(y, bias));
      check_identical({out, grad(sum(square(out)), {bias})[0]});
      CHECK(!contains(plan_of({out}), "broadcast_to"));
      // A mask of bytes, and a row of the same values beside it.
      const Var mask = greater(channel_bias(zeros_like(y), bias), zeros_like(y));
      check_identical({where(mask, y, 2.0 * y), sum(out, {0, 1}), sum(out)});
    }
  }
}

TEST_CASE("several sums may end one loop, and what they feed waits for them") {
  const Var x = random_parameter(Shape{70, 90}, 1);
  const Var terms = exp(0.3 * x);
  const std::vector<Var> outputs = {sum(terms), sum(terms, {0}), sum(terms, {1}),
                                    terms / sum(terms, {1}, true), terms - mean(terms)};
  testing::run_both(outputs);
  CHECK(contains(plan_of({sum(terms), sum(terms, {0}), sum(terms, {1})}),
                 "exp sum_to sum_to sum_to }"));
}

TEST_CASE("a sum of nothing, of one number, or along two lengths of rows stays right") {
  const Var x = random_parameter(Shape{4, 6, 8}, 1);
  testing::run_both(std::vector<Var>{sum(tanh(x), {1}), sum(tanh(x), {0}) + sum(exp(x), {0}),
                                     sum(tanh(x), {0, 1}) * sum(tanh(x), {0})});
  const Var empty = parameter(Tensor(Shape{0, 5}, DType::kF64));
  testing::run_both(std::vector<Var>{sum(tanh(empty)), sum(tanh(empty), {0})});
  const Var one = random_parameter(Shape{1, 1}, 1);
  testing::run_both(std::vector<Var>{sum(tanh(one)), sum(tanh(one), {0})});
}

TEST_CASE("a bias gradient is made with the gradient that it sums, a loss with its gradient") {
  const Var x = constant(testing::random_tensor(Shape{32, 20}, 1));
  const Var w = random_parameter(Shape{20, 20}, 2), b = random_parameter(Shape{20}, 3);
  const Var loss = mean(square(sigmoid(matmul(x, w) + b) - x));
  std::vector<Var> outputs = {loss};
  for (const Var& g : grad(loss, {w, b})) outputs.push_back(g);
  const std::string plan = plan_of(outputs);
  CAPTURE(plan);
  CHECK_FALSE(contains(plan, "\nsum_to"));
  testing::run_both(outputs);
}

TEST_CASE("a new value that is a sum is not written before the loop has read the old one") {
  const Var b = random_parameter(Shape{40}, 1).named("b");
  const Var x = random_parameter(Shape{90, 40}, 2);
  const Var next = sum(x * b, {0});
  const Tensor expected = evaluate({next})[0];
  Program program = compile({}, {.updates = {{b, next}}});
  program.run();
  CHECK(testing::distance(b.tensor(), expected) < 1e-12);
  const Var bad = parameter(testing::vector_of({1, std::numeric_limits<double>::infinity()}));
  const Var s = parameter(Tensor::scalar(0, DType::kF64)).named("s");
  CHECK_THROWS_WITH_AS(compile({}, {.updates = {{s, sum(square(bad))}}}).run(),
                       "the new value of parameter s is not finite", NonFiniteError);
}

struct TrainedLayers {
  std::vector<Var> parameters;
  Step step = make_step(1);
  nn::Adam adam;
  Var loss;
};

TrainedLayers make_trained(DType dtype, double decay) {
  TrainedLayers t;
  t.adam = nn::Adam({.weight_decay = decay});
  const auto weight = [&](const Shape& shape, std::uint64_t seed, const char* name) {
    t.parameters.push_back(
        parameter(testing::random_tensor(shape, seed, -1, 1, dtype)).named(name));
    return t.parameters.back();
  };
  const Var x = constant(testing::random_tensor(Shape{6, 40}, 9, -1, 1, dtype));
  const Var h = tanh(matmul(x, weight(Shape{40, 30}, 1, "w1")) + weight(Shape{30}, 2, "b1"));
  t.loss = sum(square(matmul(h, weight(Shape{30, 40}, 3, "w2")) - x));
  t.adam.update(t.step, t.parameters, grad(t.loss, t.parameters), 0.01);
  return t;
}

TEST_CASE("Adam is one pass over memory, as nn::Adam writes it, with the bits of the reference") {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    for (const double decay : {0.0, 0.1}) {
      TrainedLayers t = make_trained(dtype, decay);
      Program program = compile(t.step, {t.loss}, {.watch = {t.loss}});
      const std::string plan = program.plan();
      CAPTURE(plan);
      int passes = 0;
      for (std::size_t i = plan.find(" adam"); i != std::string::npos;
           i = plan.find(" adam", i + 1))
        ++passes;
      CHECK(passes == 3);
      for (int run = 0; run < 3; ++run) {
        std::vector<Var> values;
        for (const Update& update : t.step.updates) values.push_back(update.value);
        const std::vector<Tensor> expected = evaluate(values);
        program.run();
        for (std::size_t i = 0; i < values.size(); ++i) {
          CAPTURE(t.step.updates[i].parameter.label());
          CHECK(testing::distance(t.step.updates[i].parameter.tensor(), expected[i]) <=
                (dtype == DType::kF32 ? 1e-6 : 1e-14));
        }
      }
    }
  }
}

TEST_CASE("Adam's moments of a gradient that is there from the start wait for the rate") {
  const Var w = random_parameter(Shape{700}, 1).named("w"), g = random_parameter(Shape{700}, 2);
  Step step = make_step(5);
  nn::Adam().update(step, {w}, {g}, 0.01);
  const std::string plan = compile(step, {}).plan();
  CAPTURE(plan);
  CHECK(contains(plan, "{ adam }"));
  CHECK_FALSE(contains(plan, "{ multiply+multiply+add }"));
}

// n of the loops of a plan.
int loops_in(const std::string& plan) {
  int loops = 0;
  for (std::size_t i = plan.find("loop "); i != std::string::npos; i = plan.find("loop ", i + 1)) {
    ++loops;
  }
  return loops;
}

TEST_CASE("a loop waits to be one with its reader, unless something before that reads it too") {
  const Var a = random_parameter(Shape{30, 30}, 1), b = random_parameter(Shape{30, 30}, 2);
  const Var v = tanh(a + b), late = matmul(a, b);
  const auto check = [](const std::vector<Var>& outputs, int loops) {
    CAPTURE(plan_of(outputs));
    CHECK(loops_in(plan_of(outputs)) == loops);
    testing::run_both(outputs);
  };
  check({v * late}, 1);
  check({v, v * late}, 1);
  check({v * late, exp(v)}, 1);
  check({v * matmul(late, v)}, 2);             // the product reads it
  check({v * sum(matmul(v, a), {0})}, 2);      // through a product and a sum
  check({(v - sum(v, {1}, true)) * late}, 2);  // and what is spread over it
  check({v * late + sum(v)}, 2);
  check({v * late * matmul(late, sigmoid(v))}, 2);
}

TEST_CASE("a mask of what a product reads is made where it is used, and not stored") {
  const Var x = random_parameter(Shape{30, 20}, 1), w = random_parameter(Shape{20, 20}, 2);
  const Var y = relu(matmul(x, w)), loss = sum(square(matmul(y, w)));
  const std::string plan = plan_of({grad(loss, x)});
  CAPTURE(plan);
  CHECK(contains(plan, "{ relu }"));
  CHECK(contains(plan, "{ multiply gate }"));
  testing::run_both({loss, grad(loss, x), grad(loss, w)});
}

TEST_CASE("updates run in place, after the watched loss, as soon as nobody needs the old value") {
  TrainedLayers t = make_trained(DType::kF32, 0);
  const std::string plan = compile(t.step, {t.loss}, {.watch = {t.loss}}).plan();
  CAPTURE(plan);
  for (const char* name : {"w1", "b1", "w2"}) {
    CHECK(contains(plan, fmt::format("-> {0}.first_moment -> {0}.second_moment -> {0} ", name)));
  }
  // w2 moves before the gradient of w1 is known, and the loss is known before either moves.
  CHECK(plan.find("-> w2 ") < plan.find("-> w1 "));
  CHECK(plan.find("sum_to") < plan.find("-> w2 "));
  CHECK(plan.find("-> w2 ") < plan.rfind("matmul"));
}

TEST_CASE("parameters that are replaced by each other's old values still get them") {
  const Var a = random_parameter(Shape{5}, 1), b = random_parameter(Shape{5}, 2);
  const std::vector<Tensor> expected = evaluate({a + b, a * b});
  Program program = compile({}, {.updates = {{a, a + b}, {b, a * b}}});
  program.run();
  CHECK(a.tensor().identical(expected[0]));
  CHECK(b.tensor().identical(expected[1]));
}

}  // namespace
}  // namespace hourglass

// Random numbers that a loop draws itself are those that the op alone would have drawn.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <random>
#include <string>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/ops/step.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/support.h"
#include "tests/tensor/targets.h"

namespace hourglass {
namespace {

using testing::check_identical;

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++found;
  return found;
}

Var some(const Shape& shape, std::uint64_t seed, DType dtype = DType::kF64) {
  return parameter(testing::random_tensor(shape, seed, -1, 1, dtype));
}

// The plan has so many loops that draw, and so many draws that are kernels. Why loops are apart may
// name a draw after a comma.
void check_plan(const std::vector<Var>& outputs, int in_loops, int alone) {
  const std::string plan = "\n" + compile(outputs).plan();
  CAPTURE(plan);
  CHECK(count(plan, "\nrandom_") == alone);
  CHECK(count(plan, " random_") - count(plan, ", random_") == in_loops);
}

TEST_CASE("noise is drawn in the loop that reads it, and the plan says so") {
  const RandomKey key = random_key(7);
  const Var mean = some(Shape{30, 20}, 1), deviation = some(Shape{30, 20}, 2);
  const std::string plan =
      compile({mean + deviation * random_normal(key, "a", mean.shape(), DType::kF64)}).plan();
  CAPTURE(plan);
  CHECK(count(plan, "\n") == 2);  // one loop, and the line of the memory
  CHECK(count(plan, "random_normal multiply+add }") == 1);
  CHECK(count(plan, "constant(key) constant(key)") == 1);
  check_plan({random_bernoulli(key, "a", 0.5 + 0.4 * mean) * mean}, 1, 0);
  check_plan({sum(random_uniform(key, "a", Shape{700}))}, 1, 0);
  check_plan({cast(constant(Tensor(Shape{300}, DType::kU8)), DType::kF32) / 255 +
              random_normal(key, "a", Shape{300})},
             1, 0);
}

TEST_CASE("a draw that no loop makes its own stays a kernel") {
  const RandomKey key = random_key(7);
  const Var a = some(Shape{9, 9}, 1), row = random_normal(key, "a", Shape{9}, DType::kF64);
  check_plan({matmul(a, random_normal(key, "a", Shape{9, 9}, DType::kF64))}, 0, 1);
  check_plan({random_normal(key, "a", Shape{9})}, 0, 1);
  check_plan({a * row}, 0, 1);  // spread over rows, it must be there before
  check_identical({a * row, a + reshape(row, Shape{9, 1}), row - mean(row)});
}

TEST_CASE("a draw has the numbers of its kernel wherever tiles, blocks and rows begin") {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    const RandomKey key = random_key(123456789012345);
    for (const std::int64_t n : {1, 2, 3, 5, 31, 33, 511, 513, 1025, 4097, 8195, 20001}) {
      const Var a = some(Shape{n}, 1, dtype);
      CAPTURE(n);
      check_identical({a + random_normal(key, "d", Shape{n}, dtype)}, {1, 2, 3, 4});
      check_identical({a * random_uniform(key, "e", Shape{n}, dtype) - a, tanh(a)});
    }
    for (const std::int64_t columns : {1, 2, 7, 20, 257, 301, 513, 784, 1030}) {
      const Shape shape{37, columns};
      const Var row = some(Shape{columns}, 2, dtype), column = some(Shape{37, 1}, 3, dtype);
      CAPTURE(columns);
      check_identical({row + column * random_normal(key, "d", shape, dtype)}, {1, 2, 3, 4});
      check_identical({less(random_uniform(key, "e", shape, dtype), row) * column});
    }
  }
}

TEST_CASE("every target of this CPU draws its own kernel's numbers in a loop") {
  on_every_target([](std::string_view) {
    const Var row = some(Shape{21}, 1, DType::kF32);
    const RandomKey key = random_key(11);
    check_identical({exp(row) * random_normal(key, "a", Shape{70, 21})}, {1, 2});
    check_identical({row + random_uniform(key, "b", Shape{70, 21})});
  });
}

TEST_CASE("a draw with two readers is drawn once") {
  const Shape shape{40, 30};
  const Var a = some(shape, 1), b = some(Shape{30, 30}, 2);
  const Var noise = random_normal(random_key(5), "b", shape, DType::kF64);
  check_plan({noise * a + tanh(noise)}, 1, 0);                // both in the loop
  check_plan({noise * a, noise}, 1, 0);                       // also asked for
  check_plan({noise * a, matmul(noise, b)}, 1, 0);            // also read by a kernel
  check_plan({noise * matmul(noise * a, b)}, 1, 0);           // by a loop that cannot be the same
  check_plan({noise * a, noise - mean(noise), noise}, 1, 0);  // by its own mean
  check_identical({noise * a + tanh(noise), noise * a, noise});
  testing::run_both(std::vector<Var>{noise * a, matmul(noise, b), noise * matmul(noise * a, b),
                                     noise - mean(noise), sum(noise, {0}), sum(noise, {1})});
}

TEST_CASE("a gradient reads the noise of the value") {
  const Var mean = some(Shape{12, 7}, 1), deviation = some(Shape{12, 7}, 2),
            w = some(Shape{7, 5}, 3);
  const Var noise = random_normal(random_key(5), "b", mean.shape(), DType::kF64);
  const Var loss = sum(square(matmul(mean + exp(deviation) * noise, w)));
  const std::vector<Var> outputs = {loss, grad(loss, mean), grad(loss, deviation)};
  check_plan(outputs, 1, 0);
  testing::run_both(outputs);
}

TEST_CASE("a batch of keys is drawn in a loop, each key from its beginning") {
  for (const std::int64_t per_key : {1, 3, 130, 1000}) {
    const std::int64_t keys = 11;
    Tensor words(Shape{keys, 2}, DType::kI32), steps(Shape{keys}, DType::kI32);
    for (std::int32_t i = 0; i < 2 * keys; ++i) words.data<std::int32_t>()[i] = 1000 - 37 * i;
    for (std::int32_t i = 0; i < keys; ++i) steps.data<std::int32_t>()[i] = i / 2;
    const RandomKey one{input(Shape{2}, DType::kI32), input(Shape{}, DType::kI32)};
    const Var noise = random_normal(one, "j", Shape{per_key}, DType::kF64);
    const Var draws = vmap(noise, {one.words, one.step}, {constant(words), constant(steps)});
    const std::vector<Var> outputs = {some(Shape{keys, per_key}, 1) + draws};
    check_plan(outputs, 1, 0);
    check_identical(outputs, {1, 2, 3});
    const Tensor all = compile({0.0 + draws}).run()[0].clone();
    for (std::int64_t k = 0; k < keys; ++k) {
      const RandomKey own{constant(words.rows(k, k + 1).reshape(Shape{2})),
                          constant(steps.rows(k, k + 1).reshape(Shape{}))};
      const Var alone = random_normal(own, "j", Shape{1, per_key}, DType::kF64);
      CHECK(all.rows(k, k + 1).identical(alone.value()));
    }
  }
}

TEST_CASE("keys and steps may be computed, and may have the size of what they draw") {
  Step step = make_step(3);
  const RandomKey next{step.key.words + 5, step.step + 1};
  const Var a = some(Shape{2}, 1), b = some(Shape{}, 2);
  const std::vector<Var> outputs = {
      a * random_normal(next, "a", Shape{2}, DType::kF64),
      b * random_normal({step.key.words, step.step * 2}, "b", Shape{}, DType::kF64) +
          cast(step.step, DType::kF64)};
  Program program = compile(step, outputs);
  for (int run = 0; run < 3; ++run) {
    const std::vector<Tensor> expected = evaluate(outputs);
    const std::vector<Tensor>& y = program.run();
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i].identical(expected[i]));
  }
  CHECK(step.step.tensor().data<std::int32_t>()[0] == 3);
}

TEST_CASE("draws of nothing") {
  const RandomKey key = random_key(1);
  check_identical({some(Shape{0, 5}, 1) + random_normal(key, "a", Shape{0, 5}, DType::kF64)});
  check_identical({sum(random_uniform(key, "a", Shape{0}))});
}

// A graph of lanes, rows, columns and draws, of which some are read twice: no sum, so that each bit
// must be that of the reference.
class NoisyGraph {
 public:
  explicit NoisyGraph(unsigned seed) : random_(seed) {
    shape_ = Shape{1 + below(60), 1 + below(below(2) ? 1500 : 40)};
    dtype_ = below(2) ? DType::kF32 : DType::kF64;
    values_.push_back(some(shape_, seed, dtype_));
    for (int i = 0; i < 12; ++i) values_.push_back(next());
  }
  std::vector<Var> outputs() {
    std::vector<Var> chosen = {values_.back()};
    for (std::int64_t i = below(3); i > 0; --i) chosen.push_back(pick());
    return chosen;
  }

 private:
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(random_() % n); }
  Var pick() { return values_[static_cast<std::size_t>(below(std::ssize(values_)))]; }
  Var leaf(const Shape& shape) { return some(shape, random_(), dtype_); }

  Var next() {
    const Var a = values_.back();
    const RandomKey key = random_key(random_());
    switch (below(8)) {
      case 0:
        return random_normal(key, "b", shape_, dtype_);
      case 1:
        return a + pick() * random_uniform(key, "b", shape_, dtype_);
      case 2:
        return a * random_bernoulli(key, "b", sigmoid(pick()));
      case 3:
        return a + leaf(Shape{shape_[1]}) * random_normal(key, "c", Shape{shape_[0], 1}, dtype_);
      case 4:
        return a * leaf(Shape{shape_[0], 1}) + random_normal(key, "c", Shape{shape_[1]}, dtype_);
      case 5:
        return tanh(a) - pick();
      case 6:
        return transpose(transpose(a) +
                         random_normal(key, "d", Shape{shape_[1], shape_[0]}, dtype_));
      default:
        return a - reshape(random_uniform(key, "e", Shape{shape_.elements()}, dtype_), shape_);
    }
  }

  std::mt19937 random_;
  Shape shape_;
  DType dtype_ = DType::kF32;
  std::vector<Var> values_;
};

TEST_CASE("200 random graphs of lanes and draws have the bits of the reference on 1 to 4 threads") {
  int draws = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const std::vector<Var> outputs = NoisyGraph(seed).outputs();
    draws += count(compile(outputs).plan(), " random_");
    check_identical(outputs, {1 + static_cast<int>(seed % 4)});
  }
  CHECK(draws > 200);
}

}  // namespace
}  // namespace hourglass

// A program's bits do not depend on how many threads run it.

#include <doctest/doctest.h>

#include <random>

#include "autograd/compile/program.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/ops/step.h"
#include "autograd/transform/transform.h"
#include "nn/layers/losses.h"
#include "nn/train/optimizers.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

constexpr int kThreads[] = {1, 2, 3, 4, 8};

// Two steps on each number of threads, always from the same numbers.
void check_same_bits(const std::vector<Var>& outputs, const std::vector<Update>& updates) {
  std::vector<Tensor> start, expected;
  for (const Update& update : updates) start.push_back(update.parameter.tensor().clone());
  for (const int threads : kThreads) {
    CAPTURE(threads);
    for (std::size_t i = 0; i < updates.size(); ++i) updates[i].parameter.assign(start[i]);
    Program program = compile(outputs, {.updates = updates, .threads = threads});
    program.run();
    std::vector<Tensor> found;
    for (const Tensor& y : program.run()) found.push_back(y.clone());
    for (const Update& update : updates) found.push_back(update.parameter.tensor().clone());
    if (expected.empty()) expected = found;
    // Little of the arena lies idle when most of it is in use.
    CHECK(static_cast<double>(program.arena_bytes()) <=
          1.1 * static_cast<double>(program.alive_bytes()));
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i].identical(expected[i]));
  }
}

struct Training {
  explicit Training(std::int64_t batch)
      : x(constant(testing::random_tensor(Shape{batch, 784}, 1, 0, 1, DType::kF32))) {}

  Var weight(const Shape& shape) {
    const auto seed = static_cast<std::uint64_t>(parameters.size()) + 1;
    parameters.push_back(parameter(testing::random_tensor(shape, seed, -0.1, 0.1, DType::kF32)));
    return parameters.back();
  }
  Var layer(const Var& h, std::int64_t out) {
    return matmul(h, weight(Shape{out, h.size(1)}), false, true) + weight(Shape{out});
  }
  void check(const Var& loss) {
    adam.update(step, parameters, grad(loss, parameters), 1e-3);
    check_same_bits({loss}, step.updates);
  }

  std::vector<Var> parameters;
  Step step = make_step(3);
  nn::Adam adam;
  Var x;
};

constexpr auto kPerImage = nn::Reduce::kSumFeaturesMeanExamples;

void check_shallow() {
  Training t(128);
  const Var y = sigmoid(t.layer(tanh(t.layer(t.x, 36)), 784));
  t.check(nn::squared_error(y, t.x, nn::Reduce::kMeanOverElements));
}

void check_deep(std::int64_t batch) {
  Training t(batch);
  Var h = t.x;
  for (const std::int64_t width : {1000, 500, 250}) h = relu(t.layer(h, width));
  h = t.layer(h, 30);
  for (const std::int64_t width : {250, 500, 1000}) h = relu(t.layer(h, width));
  t.check(nn::binary_cross_entropy_with_logits(t.layer(h, 784), t.x, kPerImage));
}

void check_variational() {
  Training t(128);
  const Var h = relu(t.layer(t.x, 400));
  const Var mean = t.layer(h, 20), log_variance = t.layer(h, 20);
  const Var z = mean + exp(0.5 * log_variance) * random_normal(t.step.key, "noise", mean.shape());
  const Var y = t.layer(relu(t.layer(z, 400)), 784);
  t.check(nn::binary_cross_entropy_with_logits(y, t.x, kPerImage) +
          nn::reduce(kl_standard_normal(mean, log_variance), kPerImage));
}

void check_contractive() {
  Training t(128);
  const Var h = sigmoid(t.layer(t.x, 256));
  const Var y = sigmoid(t.layer(h, 784));
  const Var penalty = sum(square(batch_jacobian(h, t.x))) * (1.0 / 128);
  t.check(nn::squared_error(y, t.x, kPerImage) + 0.1 * penalty);
}

TEST_CASE("the workloads of bench give the same bits on 1, 2, 3, 4 and 8 threads") {
  SUBCASE("shallow") { check_shallow(); }
  SUBCASE("deep, batch 128") { check_deep(128); }
  SUBCASE("deep, batch 512") { check_deep(512); }
  SUBCASE("variational") { check_variational(); }
  SUBCASE("contractive") { check_contractive(); }
}

// A graph of some ten nodes on arrays large enough to be split, and its gradient.
class RandomGraph {
 public:
  explicit RandomGraph(unsigned seed) : random_(seed) {
    rows_ = 1 + below(below(2) ? 300 : 40);
    columns_ = 1 + below(below(2) ? 900 : 60);
    dtype_ = below(3) == 0 ? DType::kF64 : DType::kF32;
    values_.push_back(leaf(Shape{rows_, columns_}));
    for (int i = 0; i < 10; ++i) values_.push_back(next());
  }

  void check() {
    const Var loss = mean(square(values_.back()));
    const std::vector<Var> gradients = grad(loss, leaves_);
    std::vector<Var> outputs = {loss, values_.back()};
    outputs.insert(outputs.end(), gradients.begin(), gradients.end());
    std::vector<Update> updates;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      updates.push_back({leaves_[i], leaves_[i] - 0.1 * gradients[i]});
    }
    check_same_bits(outputs, updates);
  }

 private:
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(random_() % n); }

  Var leaf(const Shape& shape) {
    leaves_.push_back(parameter(testing::random_tensor(shape, random_(), -1, 1, dtype_)));
    return leaves_.back();
  }
  Var some() { return values_[static_cast<std::size_t>(below(std::ssize(values_)))]; }

  Var next() {
    const Var a = values_.back();
    switch (below(11)) {
      case 0:
        return tanh(a + some());
      case 1:
        return sigmoid(a) * some();
      case 2:
        return relu(a - some());
      case 3:
        return a + leaf(Shape{columns_});
      case 4:
        return a * leaf(Shape{rows_, 1});
      case 5:
        return a - mean(some(), {0}, true);
      case 6:
        return a * sigmoid(sum(some(), {1}, true));
      case 7:
        return a + tanh(sum(some()));
      case 8:
        return matmul(a, leaf(Shape{columns_, columns_})) * (1.0 / static_cast<double>(columns_));
      case 9:
        return transpose(tanh(transpose(a))) + some();
      default:
        return a + random_normal(random_key(5), std::to_string(below(1 << 20)), a.shape(), dtype_);
    }
  }

  std::mt19937 random_;
  std::int64_t rows_ = 0, columns_ = 0;
  DType dtype_ = DType::kF32;
  std::vector<Var> leaves_, values_;
};

TEST_CASE("200 random graphs and their gradients give the same bits on any number of threads") {
  for (unsigned seed = 201; seed <= 400; ++seed) {
    CAPTURE(seed);
    RandomGraph(seed).check();
  }
}

TEST_CASE("a number of threads that cannot be had is refused") {
  CHECK_THROWS_WITH_AS(compile({constant(1)}, {.threads = -1}),
                       "compile: threads: expected 1 to 1024, or 0 for all: got -1", Error);
  CHECK_THROWS_WITH_AS(compile({constant(1)}, {.threads = 10000}),
                       "compile: threads: expected 1 to 1024, or 0 for all: got 10000", Error);
  CHECK_THROWS_WITH_AS(ThreadScope(0), "threads: expected 1 to 1024: got 0", Error);
  CHECK_THROWS_WITH_AS(ThreadScope(10000), "threads: expected 1 to 1024: got 10000", Error);
}

}  // namespace
}  // namespace hourglass

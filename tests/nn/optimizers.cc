#include "nn/train/optimizers.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

using namespace hourglass;

namespace {

// Runs a few steps of an optimiser on sum(a x^2) and returns x after each.
template <class Optimizer>
std::vector<double> descend(Optimizer optimizer, double a, double x0, double rate, int steps) {
  const Var x = parameter(Tensor::scalar(x0, DType::kF64)).named("x");
  Step step = make_step(0);
  optimizer.update(step, {x}, grad(a * square(x), std::vector<Var>{x}), rate);
  Program program = compile(step, {});
  std::vector<double> path;
  for (int i = 0; i < steps; ++i) {
    program.run();
    path.push_back(x.tensor().item());
  }
  return path;
}

}  // namespace

TEST_CASE("plain gradient descent subtracts rate times gradient") {
  const auto path = descend(nn::Sgd(), 3, 2, 0.1, 2);
  CHECK(path[0] == doctest::Approx(2 - 0.1 * 12).epsilon(1e-15));
  CHECK(path[1] == doctest::Approx(0.8 - 0.1 * 4.8).epsilon(1e-15));
}

TEST_CASE("momentum accumulates gradients as PyTorch's SGD does") {
  double x = 2, v = 0;
  const auto path = descend(nn::Sgd(0.9), 3, 2, 0.01, 5);
  for (double reached : path) {
    v = 0.9 * v + 6 * x;
    x -= 0.01 * v;
    CHECK(reached == doctest::Approx(x).epsilon(1e-14));
  }
}

TEST_CASE("an l2 is the gradient of half the sum of squares, in SGD as in Adam") {
  for (double rate : {0.01, 0.1}) {
    // 3 x^2 with an l2 of 2 is (3 + 1) x^2 without one.
    CHECK(descend(nn::Sgd(0.9, 2), 3, 2, rate, 5) == descend(nn::Sgd(0.9), 4, 2, rate, 5));
    CHECK(descend(nn::Adam({.l2 = 2}), 3, 2, rate, 5) == descend(nn::Adam(), 4, 2, rate, 5));
  }
  nn::OptimizerOptions options{.method = nn::Method::kSgd, .adam = {.l2 = 2}, .momentum = 0.9};
  CHECK(descend(nn::Optimizer(options), 3, 2, 0.1, 5) == descend(nn::Sgd(0.9, 2), 3, 2, 0.1, 5));
  CHECK(descend(nn::Optimizer(), 3, 2, 0.1, 5) == descend(nn::Adam(), 3, 2, 0.1, 5));
}

TEST_CASE("an optimiser keeps to the parameters that its state is of") {
  const Var a = parameter(Tensor::full({3}, 1, DType::kF32)), b = parameter(a.tensor());
  const auto update = [](auto& optimizer, const std::vector<Var>& parameters) {
    Step step = make_step(0);
    optimizer.update(step, parameters, parameters, 0.1);
  };
  const auto check = [&](auto optimizer) {
    update(optimizer, {a});
    update(optimizer, {a});
    for (const std::vector<Var>& others : {std::vector<Var>{b}, {a, b}, {}}) {
      CHECK_THROWS_WITH_AS(
          update(optimizer, others),
          "optimizer: what it has gathered is of other parameters: use one for each list", Error);
    }
  };
  check(nn::Adam());
  check(nn::Sgd(0.9));
  nn::Sgd plain;  // gathers nothing
  update(plain, {a});
  CHECK_NOTHROW(update(plain, {a, b}));
}

TEST_CASE("an optimiser by itself refuses what the trainer's options refuse") {
  CHECK_THROWS_WITH_AS(nn::Adam({.beta1 = 2}), "beta1 must be at least 0 and below 1: got 2",
                       Error);
  CHECK_THROWS_WITH_AS(nn::Adam({.epsilon = -1}), "epsilon must be at least 0: got -1", Error);
  CHECK_THROWS_WITH_AS(nn::Sgd(1), "momentum must be at least 0 and below 1: got 1", Error);
}

TEST_CASE("an optimiser wants of each parameter a gradient of its shape and dtype") {
  const Var w = parameter(Tensor::full({3}, 1, DType::kF32));
  const auto refused = [&](const std::vector<Var>& gradients, const char* line) {
    Step step = make_step(0);
    CHECK_THROWS_WITH_AS(nn::Adam().update(step, {w}, gradients, 0.1), line, Error);
  };
  refused({w, w}, "adam: needs one gradient a parameter: 2 vs 1");
  refused({sum(w)}, "adam: gradient 0 is f32 [], its parameter f32 [3]");
  refused({cast(w, DType::kF64)}, "adam: gradient 0 is f64 [3], its parameter f32 [3]");
  refused({Var()}, "adam: gradient 0 is an empty Var: nothing was assigned to it");
}

TEST_CASE("Adam follows algorithm 1 of its paper") {
  for (double decay : {0.0, 0.1}) {
    double x = 2, m = 0, v = 0;
    const auto path = descend(nn::Adam({.weight_decay = decay}), 3, 2, 0.05, 20);
    for (int t = 1; t <= 20; ++t) {
      const double g = 6 * x;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const double m_hat = m / (1 - std::pow(0.9, t));
      const double v_hat = v / (1 - std::pow(0.999, t));
      x -= 0.05 * m_hat / (std::sqrt(v_hat) + 1e-8) + 0.05 * decay * x;
      CHECK(path[static_cast<std::size_t>(t - 1)] == doctest::Approx(x).epsilon(1e-10));
    }
  }
}

TEST_CASE("Adam wants a step that counts") {
  const Var w = parameter(Tensor::scalar(1.0));
  Step step;
  CHECK_THROWS_WITH_AS(nn::Adam().update(step, {w}, {w}, 0.1),
                       "adam: the step counts nothing: make it with make_step(seed)", Error);
}

TEST_CASE("an optimiser wants one gradient a parameter") {
  const Var x = parameter(Tensor::scalar(1));
  Step step = make_step(0);
  CHECK_THROWS_WITH_AS(nn::Sgd().update(step, {x}, {}, 0.1),
                       "sgd: needs one gradient a parameter: 0 vs 1", Error);
}

TEST_CASE(
    "a learning rate is a number in the parameter's own precision, or a scalar of the graph") {
  const auto moved = [](DType dtype, const nn::LearningRate& rate) {
    const Var x = parameter(Tensor::scalar(2, dtype));
    Step step = make_step(0);
    nn::Sgd().update(step, {x}, {constant(1, dtype)}, rate);
    compile(step, {}).run();
    return x.tensor().item();
  };
  CHECK(moved(DType::kF64, 0.1) == 2 - 0.1);
  CHECK(moved(DType::kF32, 0.1) == static_cast<double>(2 - 0.1F));
  CHECK(moved(DType::kF64, constant(0.5)) == 1.5);
  CHECK_THROWS_WITH_AS(moved(DType::kF32, constant(Tensor::full({2}, 1, DType::kF32))),
                       "learning rate: must be a number or a real scalar: got f32 [2]", Error);
  CHECK_THROWS_WITH_AS(moved(DType::kF32, Var()),
                       "learning rate: must be a number or a real scalar: got none", Error);
  CHECK_THROWS_WITH_AS(moved(DType::kF32, std::nan("")), "learning rate: must be finite: got nan",
                       Error);
}

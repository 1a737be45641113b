#include "nn/layers/losses.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

using namespace hourglass;
using nn::Reduce;
using testing::f64;

TEST_CASE("a reduction is over what its name says") {
  const Var y = f64({1, 2, 3, 4, 5, 6}, {2, 3});
  const Var t = f64({0, 0, 0, 0, 0, 0}, {2, 3});
  CHECK(nn::squared_error(y, t, Reduce::kSumOverElements).value().item() == 91);
  CHECK(nn::squared_error(y, t, Reduce::kSumFeaturesMeanExamples).value().item() == 45.5);
  CHECK(nn::squared_error(y, t, Reduce::kMeanOverElements).value().item() ==
        doctest::Approx(91.0 / 6).epsilon(1e-15));
  CHECK(nn::squared_error(y, t, Reduce::kNone).shape() == Shape{2, 3});
}

TEST_CASE("cross-entropy from logits is that from their sigmoids") {
  const std::vector<double> z = {-3, -0.5, 0, 0.7, 4};
  const std::vector<double> t = {0, 0.25, 1, 0.5, 1};
  const Var logits = f64(z, {5});
  const Var target = f64(t, {5});
  const Tensor a = nn::binary_cross_entropy_with_logits(logits, target, Reduce::kNone).value();
  const Tensor b = nn::binary_cross_entropy(sigmoid(logits), target, Reduce::kNone).value();
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double p = 1 / (1 + std::exp(-z[i]));
    const double expected = -(t[i] * std::log(p) + (1 - t[i]) * std::log(1 - p));
    CHECK(a.at(static_cast<std::int64_t>(i)) == doctest::Approx(expected).epsilon(1e-14));
    CHECK(b.at(static_cast<std::int64_t>(i)) == doctest::Approx(expected).epsilon(1e-14));
  }
}

TEST_CASE("cross-entropy stays finite at probabilities of 0 and 1, and so do its derivatives") {
  const Var p = parameter(Tensor::from<float>({0, 1, 0, 1}, {4}));
  const Var t = constant(Tensor::from<float>({0, 1, 1, 0}, {4}));
  const Var loss = nn::binary_cross_entropy(p, t, Reduce::kSumOverElements);
  const Var first = grad(loss, p);
  const Var second = grad(sum(square(first)), p);
  CHECK(loss.value().item() == doctest::Approx(-2 * std::log(1e-37)).epsilon(1e-6));
  for (std::int64_t i = 0; i < 4; ++i) {
    CHECK(std::isfinite(first.value().at(i)));
    CHECK(std::isfinite(second.value().at(i)));
  }
}

TEST_CASE("cross-entropy from logits has the derivative sigmoid(z) - t at any size of z") {
  const Var z = parameter(Tensor::from<float>({-1000, -50, 50, 1000}, {4}));
  const Var t = constant(Tensor::from<float>({1, 0, 1, 0}, {4}));
  const Var loss = nn::binary_cross_entropy_with_logits(z, t, Reduce::kSumOverElements);
  const Tensor g = grad(loss, z).value();
  CHECK(g.at(0) == -1);
  CHECK(std::abs(g.at(1)) < 1e-20);
  CHECK(g.at(2) == 0);
  CHECK(g.at(3) == 1);
  CHECK(loss.value().item() == 2000);
}

TEST_CASE("a target of another shape is refused") {
  CHECK_THROWS_WITH_AS(
      nn::squared_error(f64({1, 2}, {2}), f64({1, 2}, {1, 2}), Reduce::kMeanOverElements),
      "squared_error: shapes differ: y=[2], target=[1, 2]", Error);
}

TEST_CASE("softmax cross-entropy is minus the logarithm of the label's probability") {
  const Var logits = constant(Tensor::from<double>({0, std::log(3.0), 1000, -1000}, {2, 2}));
  const Var labels = constant(Tensor::from<std::int32_t>({1, 1}, {2}));
  const std::vector<double> each =
      nn::softmax_cross_entropy(logits, labels, nn::Reduce::kNone).value().values();
  CHECK(each[0] == doctest::Approx(std::log(4.0 / 3)).epsilon(1e-14));
  CHECK(each[1] == doctest::Approx(2000).epsilon(1e-14));
  CHECK_THROWS_WITH_AS(
      nn::softmax_cross_entropy(logits, constant(Tensor({3}, DType::kI32)), nn::Reduce::kNone),
      "softmax_cross_entropy: shapes differ: logits=[2, 2], labels=[3]: expected [B, C] and [B]",
      Error);
}

TEST_CASE("what a loss cannot take is refused in its own name") {
  const Var logits = input({4, 3}), labels = input({4}, DType::kI32);
  const auto over = nn::Reduce::kMeanOverElements;
  CHECK_THROWS_WITH_AS(
      nn::softmax_cross_entropy(logits, input({4}), over),
      "softmax_cross_entropy: labels must be i32: got f32: use cast(labels, DType::kI32)", Error);
  CHECK_THROWS_WITH_AS(
      nn::softmax_cross_entropy(Var(), labels, over),
      "softmax_cross_entropy: argument a is an empty Var: nothing was assigned to it", Error);
  CHECK_THROWS_WITH_AS(nn::softmax_cross_entropy(logits, Var(), over),
                       "softmax_cross_entropy: labels is an empty Var: nothing was assigned to it",
                       Error);
  CHECK_THROWS_WITH_AS(nn::squared_error(logits, Var(), over),
                       "squared_error: the target is an empty Var: nothing was assigned to it",
                       Error);
  CHECK_THROWS_WITH_AS(nn::reduce(input({}), nn::Reduce::kSumFeaturesMeanExamples),
                       "reduce: a mean over examples needs their axis: got []", Error);
}

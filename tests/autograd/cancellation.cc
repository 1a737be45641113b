#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "ae/measure/neighbours.h"
#include "ae/papers/penalties.h"
#include "ae/papers/vq_vae.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/layers/losses.h"
#include "tests/autograd/support.h"

// Small results of large terms: to the digits that they have, not to those of the terms.

namespace hourglass {
namespace {

using testing::kInfinity;

Var filled(double x, DType dtype, std::int64_t n = 35) {
  return parameter(Tensor::full(Shape{n}, x, dtype));
}

void check_all(const Tensor& found, double expected, double epsilon) {
  for (double x : found.values()) CHECK(x == doctest::Approx(expected).epsilon(epsilon).scale(0));
}

TEST_CASE("cross-entropy of a logit on the target's side is what is left of certainty") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const double epsilon = dtype == DType::kF32 ? 4e-7 : 1e-15;
    for (double z : {0.0, 1.0, 12.0, 16.0, 30.0, 80.0}) {
      const double expected = std::log1p(std::exp(-z));
      for (double t : {0.0, 1.0}) {
        const Var logits = filled(t == 1 ? z : -z, dtype), target = filled(t, dtype);
        const auto none = nn::Reduce::kNone;
        const Var loss = nn::binary_cross_entropy_with_logits(logits, target, none);
        const Var kl = kl_bernoulli_with_logits(target, logits);
        const std::vector<Tensor> found = testing::run_both({loss, kl});
        check_all(found[0], expected, epsilon);
        check_all(found[1], expected, epsilon);
      }
    }
  }
}

TEST_CASE("log cosh has its digits near 0, and tanh for a derivative") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const double epsilon = dtype == DType::kF32 ? 1e-6 : 1e-14;
    for (double at : {1e-12, 1e-4, -1e-3, 0.25, -0.999, 1.0, 3.0, -40.0}) {
      const Var x = filled(at, dtype);
      const Var y = log_cosh(x), first = grad(sum(y), x);
      const std::vector<Tensor> found = testing::run_both({y, first, grad(sum(first), x)});
      const double size = std::abs(at), half = std::sinh(size / 2);
      const double expected = size < 1 ? std::log1p(2 * half * half)
                                       : size + std::log1p(std::exp(-2 * size)) - std::log(2.0);
      check_all(found[0], expected, epsilon);
      check_all(found[1], std::tanh(at), epsilon);
    }
    for (double at : {kInfinity, -kInfinity}) {
      const Var x = filled(at, dtype);
      const std::vector<Tensor> found = testing::run_both({log_cosh(x), grad(sum(log_cosh(x)), x)});
      for (double y : found[0].values()) CHECK(y == kInfinity);
      check_all(found[1], at > 0 ? 1 : -1, epsilon);
    }
  }
}

// In f32 against f64, whose derivative is that of its value, by differences.
TEST_CASE("the left tails of gelu and silu have the slopes that their values have") {
  const std::vector<std::pair<const char*, Var (*)(const Var&)>> functions = {
      {"gelu", gelu}, {"gelu_tanh", gelu_tanh}, {"silu", silu}};
  for (const auto& [name, f] : functions) {
    CAPTURE(name);
    for (double at : {-1.5, -3.0, -4.5, -5.0, -6.0}) {
      CAPTURE(at);
      const auto value = [&f = f](double x) {
        return f(constant(Tensor::scalar(x, DType::kF64))).value().item();
      };
      const double step = 1e-4;
      const double expected = (value(at + step) - value(at - step)) / (2 * step);
      for (DType dtype : {DType::kF32, DType::kF64}) {
        const Var x = filled(at, dtype);
        check_all(testing::run_both(grad(sum(f(x)), x)), expected, 2e-5);
      }
    }
  }
}

TEST_CASE("its derivatives are those of one smooth function, at 0 and in the tails") {
  const Var z = parameter(testing::vector_of({0, 0, -30, 30, 1000, kInfinity, -kInfinity}));
  const Var t = parameter(testing::vector_of({0.25, 1, 0, 1, 0.5, 1, 0}));
  const Var loss = logistic_loss(z, t);
  const Var first = grad(sum(loss), z);
  const Var second = grad(sum(first), z);
  const std::vector<Tensor> found =
      testing::run_both({loss, first, second, grad(sum(second), z), grad(sum(loss), t)});
  const double tail = std::exp(-30.0);
  CHECK(found[0].values()[4] == 500);
  CHECK(found[0].values()[5] == 0);
  CHECK(found[0].values()[6] == 0);
  CHECK(found[1].at(0) == 0.25);
  CHECK(found[1].at(1) == -0.5);
  CHECK(found[1].at(2) == doctest::Approx(tail).scale(0));
  CHECK(found[1].at(4) == 0.5);
  CHECK(found[1].at(5) == 0);
  CHECK(found[2].at(0) == 0.25);
  CHECK(found[2].at(2) == doctest::Approx(tail).scale(0));
  CHECK(found[3].at(0) == 0);
  CHECK(found[4].values() == std::vector<double>{0, 0, 30, -30, -1000, -kInfinity, kInfinity});
}

TEST_CASE("the slopes of elu and selu are right where their values have rounded to the bound") {
  const double scale = 1.0507009873554804934, alpha = 1.6732632423543772848;
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const double epsilon = dtype == DType::kF32 ? 1e-6 : 1e-14;
    for (double x : {-1.0, -20.0, -40.0, -80.0}) {
      const Var at = filled(x, dtype);
      const Var e = grad(sum(elu(at)), at), s = grad(sum(selu(at)), at);
      const std::vector<Tensor> found =
          testing::run_both({e, s, grad(sum(e), at), grad(sum(s), at)});
      check_all(found[0], std::exp(x), epsilon);
      check_all(found[1], scale * alpha * std::exp(x), epsilon);
      check_all(found[2], std::exp(x), epsilon);
      check_all(found[3], scale * alpha * std::exp(x), epsilon);
    }
    const Var large = filled(1000, dtype);
    const Var slope = grad(sum(elu(large)), large);
    CHECK(testing::run_both(slope).values() == std::vector<double>(35, 1.0));
    CHECK(testing::run_both(grad(sum(slope), large)).values() == std::vector<double>(35, 0.0));
  }
}

// Points 4096 + {0, 0.25, 0.5, 0.75}, in one of four columns.
Tensor far_points(DType dtype) {
  Tensor points(Shape{4, 4}, DType::kF64);
  for (std::int64_t i = 0; i < 16; ++i) {
    points.data<double>()[i] = 4096 + (i % 4 == 1 ? 0.25 * static_cast<double>(i / 4) : 0);
  }
  return points.cast(dtype);
}

TEST_CASE("a point far from 0 is nearest to its own copy") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const Tensor points = far_points(dtype);
    const ae::Neighbours found = ae::k_nearest(points, points, 1);
    CHECK(found.indices.values() == std::vector<double>{0, 1, 2, 3});
    CHECK(found.distances.values() == std::vector<double>(4, 0.0));
    const ae::Quantisation q = ae::quantise(constant(points), parameter(points));
    CHECK(testing::run_both(q.indices).values() == std::vector<double>{0, 1, 2, 3});
    CHECK(testing::run_both(q.nearest).values() == points.values());
  }
}

TEST_CASE("squared distances do not feel where 0 is, nor a row that is not finite") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const Var points = parameter(far_points(dtype));
    const Var d = squared_distances(points, points);
    const std::vector<Tensor> found =
        testing::run_both({d, grad(sum(d), points), ae::mmd_penalty(points, points + 0.25)});
    for (std::int64_t i = 0; i < 16; ++i) {
      const double apart = 0.25 * static_cast<double>(i / 4 - i % 4);
      CHECK(found[0].at(i) == apart * apart);
    }
    // 4 sum over j of (x_i - x_j), in the column in which they differ
    for (std::int64_t i = 0; i < 16; ++i) {
      CHECK(found[1].at(i) == (i % 4 == 1 ? 4 * (static_cast<double>(i / 4) - 1.5) : 0));
    }
    const Var near = parameter(far_points(dtype)) - 4096;
    CHECK(found[2].item() ==
          doctest::Approx(ae::mmd_penalty(near, near + 0.25).value().item()).epsilon(1e-5));
  }
  const Var broken = parameter(Tensor::from<double>({1, kInfinity, 3}, Shape{3, 1}));
  const Var point = parameter(Tensor::full(Shape{1, 1}, 2, DType::kF64));
  CHECK(testing::run_both(squared_distances(point, broken)).at(2) == 1);
}

}  // namespace
}  // namespace hourglass

#include "autograd/transform/hutchinson.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::distance;
using testing::kF64;
using testing::random_parameter;
using testing::run_both;

// Many independent estimates [n, ...] against what they must be on average: the mean must be within
// five standard errors of it, element by element.
void check_unbiased(const Var& estimates, const Var& exact) {
  const std::vector<Tensor> v =
      run_both({mean(estimates, {0}), sqrt(variance(estimates, {0}, false, 1)), exact});
  const double root = std::sqrt(static_cast<double>(estimates.size(0)));
  for (std::int64_t i = 0; i < v[2].elements(); ++i) {
    const double error = std::abs(v[0].at(i) - v[2].at(i));
    CHECK(error < 5 * v[1].at(i) / root + 1e-12);
    CHECK(v[1].at(i) / root < 0.1 * (std::abs(v[2].at(i)) + 1));  // or the test says nothing
  }
}

// The estimate for each of n steps, so that each has noise of its own.
Var repeated(const Var& estimate, const Var& step, int n) {
  std::vector<std::int32_t> steps;
  for (int i = 0; i < n; ++i) steps.push_back(i);
  return vmap(estimate, {step}, {constant(Tensor::from<std::int32_t>(steps, Shape{n}))});
}

struct Encoder {
  Var x = random_parameter(Shape{2, 3}, 1);
  Var w = random_parameter(Shape{3, 4}, 2);
  Var y = tanh(matmul(x, w));
};

TEST_CASE("the estimate of the squared Frobenius norm is unbiased, and so is its gradient") {
  const Encoder e;
  const Var exact = sum(square(batch_jacobian(e.y, e.x)));
  for (const Probe probe : {Probe::kRademacher, Probe::kNormal}) {
    const Var step = constant(0, DType::kI32);
    const Var one = hutchinson_frobenius(e.y, e.x, random_key(1, step), "probe", {.probe = probe});
    check_unbiased(repeated(one, step, 4000), exact);
    check_unbiased(repeated(grad(one, e.w), step, 4000), grad(exact, e.w));
  }
}

TEST_CASE("the estimate of the Hessian's trace is unbiased, and so is its gradient") {
  const Encoder e;
  const Var loss = sum(square(e.y)) * sum(e.x);
  const Var h = reshape(hessian(loss, e.x), Shape{6, 6});
  const Var exact = trace(h);
  for (const Probe probe : {Probe::kRademacher, Probe::kNormal}) {
    const Var step = constant(0, DType::kI32);
    const Var one = hutchinson_trace(loss, e.x, random_key(2, step), "probe", {.probe = probe});
    check_unbiased(repeated(one, step, 4000), exact);
    check_unbiased(repeated(grad(one, e.w), step, 4000), grad(exact, e.w));
  }
}

TEST_CASE("one Rademacher probe is exact where the Jacobian or the Hessian is diagonal") {
  const Var x = random_parameter(Shape{7}, 1);
  const Var j = hutchinson_frobenius(exp(x), x, random_key(1), "probe");
  CHECK(distance(j, sum(exp(2 * x))) < 1e-15);
  const Var t = hutchinson_trace(sum(sin(x)), x, random_key(1), "other");
  CHECK(distance(t, -sum(sin(x))) < 1e-15);
}

TEST_CASE("several probes are the mean of as many, and reduce the variance") {
  const Encoder e;
  const Var step = constant(0, DType::kI32);
  const auto deviation = [&](int probes) {
    const Var estimate =
        hutchinson_frobenius(e.y, e.x, random_key(1, step), "probe", {.probes = probes});
    return sqrt(variance(repeated(estimate, step, 2000))).value().item();
  };
  CHECK(deviation(16) / deviation(1) == doctest::Approx(0.25).epsilon(0.1));
}

TEST_CASE("an estimate refuses to be made of no probes, or of nothing") {
  const Var x = random_parameter(Shape{2}, 1);
  CHECK_THROWS_WITH_AS(hutchinson_frobenius(x, x, random_key(1), "probe", {.probes = 0}),
                       "hutchinson_frobenius: needs at least one probe: got 0", Error);
  CHECK_THROWS_WITH_AS(hutchinson_trace(x, Var(), random_key(1), "probe"),
                       "hutchinson_trace: an empty Var: nothing was assigned to it", Error);
  CHECK_THROWS_WITH_AS(hutchinson_trace(x, x, random_key(1), "probe"),
                       "hvp: y must be a scalar: y=[2]: take its sum or mean", Error);
}

}  // namespace
}  // namespace hourglass

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "ae/papers/k_sparse.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/layers/losses.h"
#include "tests/autograd/support.h"

// Values and derivatives where a function's formula meets 0 * inf, though the function does not.
// The numbers are those of PyTorch and JAX, or of the limit, worked out by hand.

namespace hourglass {
namespace {

using OfOne = std::function<Var(const Var&)>;
using testing::kInfinity;

bool is_close(double value, double expected, DType dtype) {
  const double epsilon = dtype == DType::kF32 ? 1e-6 : 1e-13;
  return value == expected || value == doctest::Approx(expected).epsilon(epsilon);
}

// f and its first two derivatives at x, in both dtypes, interpreted and compiled: 37 copies of x,
// so that vectors and what is left over of them are both met.
void check_at(const std::string& what, const OfOne& f, double x,
              const std::vector<double>& expected) {
  CAPTURE(what);
  for (DType dtype : {DType::kF32, DType::kF64}) {
    CAPTURE(name_of(dtype));
    const Var at = parameter(Tensor::full(Shape{37}, x, dtype));
    const Var y = f(at);
    const Var first = grad(sum(y), at);
    const Var second = grad(sum(first), at);
    const std::vector<Tensor> found = testing::run_both({y, first, second});
    for (std::size_t order = 0; order < expected.size(); ++order) {
      CAPTURE(order);
      for (double value : found[order].values()) CHECK(is_close(value, expected[order], dtype));
    }
  }
}

TEST_CASE("where relu is 0 no derivative passes, be it infinite behind it") {
  for (double x : {-1.0, 0.0, -kInfinity}) {
    check_at("sqrt", [](const Var& v) { return sqrt(relu(v)); }, x, {0, 0, 0});
    check_at("pow", [](const Var& v) { return pow(relu(v), 0.5); }, x, {0, 0, 0});
    check_at("pow of two", [](const Var& v) { return pow(relu(v), full_like(v, 0.5)); }, x,
             {0, 0, 0});
    check_at("rsqrt", [](const Var& v) { return rsqrt(relu(v)); }, x, {kInfinity, 0, 0});
    check_at("log", [](const Var& v) { return log(relu(v)); }, x, {-kInfinity, 0, 0});
    check_at("reciprocal", [](const Var& v) { return reciprocal(relu(v)); }, x, {kInfinity, 0, 0});
  }
  check_at("sqrt", [](const Var& v) { return sqrt(relu(v)); }, 4, {2, 0.25, -1.0 / 32});
}

TEST_CASE("a leak of 0 and a fall to 0 are relu's") {
  check_at("leaky", [](const Var& v) { return sqrt(leaky_relu(v, 0)); }, -1, {0, 0, 0});
  check_at("elu", [](const Var& v) { return sqrt(elu(v, 0)); }, -1, {0, 0, 0});
  for (double x : {-kInfinity, -1e30}) {
    check_at("leaky", [](const Var& v) { return leaky_relu(v, 0); }, x, {0, 0, 0});
    check_at("elu", [](const Var& v) { return elu(v, 0); }, x, {0, 0, 0});
  }
}

TEST_CASE("the same behind a fused loop that begins and ends with a sum") {
  const Var rows = parameter(Tensor::full(Shape{70, 33}, -1.0, DType::kF32));
  const Var bias = parameter(Tensor::full(Shape{33}, 0.25, DType::kF32));
  const Var weight = parameter(Tensor::full(Shape{70, 1}, 2.0, DType::kF32));
  const Var loss = sum(square(1 - sqrt(relu(rows + bias)))) + sum(weight * log(1 + relu(rows)));
  const Var g = grad(loss, bias);
  const std::vector<Tensor> found = testing::run_both({g, grad(sum(square(g)), bias)});
  for (const Tensor& t : found) CHECK(t.values() == std::vector<double>(33, 0.0));
}

TEST_CASE("the loser of maximum and minimum, and what clip cuts off, get no derivative") {
  const OfOne largest = [](const Var& v) { return sqrt(maximum(v, zeros_like(v))); };
  const OfOne smallest = [](const Var& v) { return log(-minimum(-v, zeros_like(v))); };
  const OfOne cut = [](const Var& v) { return sqrt(clip(v, 0, 2)); };
  check_at("maximum", largest, -1, {0, 0, 0});
  check_at("minimum", smallest, -1, {-kInfinity, 0, 0});
  check_at("clip", cut, -1, {0, 0, 0});
  check_at("clip", [](const Var& v) { return reciprocal(2 - clip(v, 0, 2)); }, 3,
           {kInfinity, 0, 0});
  check_at("maximum", largest, 4, {2, 0.25, -1.0 / 32});
}

TEST_CASE("huber has the slopes 1 and -1 at infinity") {
  const OfOne f = [](const Var& v) { return huber(v); };
  check_at("huber", f, kInfinity, {kInfinity, 1, 0});
  check_at("huber", f, -kInfinity, {kInfinity, -1, 0});
  check_at("huber", f, 0.5, {0.125, 0.5, 1});
}

TEST_CASE("an exponent's derivative at x = 0 is 0, be the cotangent infinite") {
  const OfOne f = [](const Var& y) { return sqrt(pow(zeros_like(y), y)); };
  check_at("pow", f, 2, {0, 0});
}

TEST_CASE("a gate lets through what stands where its mask is positive, and 0 elsewhere") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const Tensor a = Tensor::from<double>({kInfinity, kInfinity, -3, NAN}, Shape{4}).cast(dtype);
    const Tensor b = Tensor::from<double>({0, 2, NAN, -1}, Shape{4}).cast(dtype);
    const Tensor y = testing::run_both(gate(constant(a), parameter(b)));
    CHECK(y.values() == std::vector<double>{0, kInfinity, 0, 0});
  }
}

TEST_CASE("of an infinite code the largest units are kept") {
  const Var h = parameter(testing::vector_of({-kInfinity, 2, 1, 3}));
  const Var kept = ae::keep_largest(reshape(h, Shape{1, 4}), 2);
  CHECK(testing::run_both(kept).values() == std::vector<double>{0, 2, 0, 3});
  CHECK(testing::run_both(grad(sum(log(kept)), h)).values() ==
        std::vector<double>{0, 0.5, 0, 1.0 / 3});
}

TEST_CASE("softmax cross-entropy of a certain label is 0, whatever the others' logits") {
  const Var labels = constant(Tensor::from<std::int32_t>({1, 1}, Shape{2}));
  const Tensor certain = Tensor::from<double>({-kInfinity, 0, -3e38, 3e38}, Shape{2, 2});
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const Var logits = parameter(certain.cast(dtype));
    const Var loss = nn::softmax_cross_entropy(logits, labels, nn::Reduce::kNone);
    const Var first = grad(sum(loss), logits);
    const std::vector<Tensor> found =
        testing::run_both({loss, first, grad(sum(square(first)), logits)});
    CHECK(found[0].values() == std::vector<double>{0, 0});
    CHECK(found[1].values() == std::vector<double>(4, 0.0));
    CHECK(found[2].values() == std::vector<double>(4, 0.0));
  }
}

TEST_CASE("normals narrower than f32 can say have their densities and divergences") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    for (double log_variance : {-100.0, -200.0, -1000.0, -2000.0}) {
      const Var mean = parameter(Tensor::full(Shape{19}, 0.5, dtype));
      const Var v = parameter(Tensor::full(Shape{19}, log_variance, dtype));
      const Var x = constant(mean.tensor());
      const Var kl = kl_normal(mean, v, x, constant(v.tensor()));
      const Var density = log_normal_density(x, mean, v);
      const Var slopes = concat(grad(sum(density), {mean, v}), 0);
      const std::vector<Tensor> found =
          testing::run_both({kl, concat(grad(sum(kl), {mean, v}), 0), density, slopes});
      const double at_mean = -0.5 * (log_variance + std::log(2 * std::acos(-1.0)));
      for (std::int64_t i = 0; i < 19; ++i) {
        CHECK(found[0].at(i) == 0);
        CHECK(found[2].at(i) == doctest::Approx(at_mean).epsilon(1e-6));
      }
      CHECK(found[1].values() == std::vector<double>(38, 0.0));
      for (std::int64_t i = 0; i < 38; ++i) CHECK(found[3].at(i) == (i < 19 ? 0.0 : -0.5));
    }
  }
}

TEST_CASE("a normal density beside its mean is what it was") {
  const OfOne f = [](const Var& v) {
    return log_normal_density(v, zeros_like(v), full_like(v, -1));
  };
  const double e = std::exp(1.0);
  check_at("density", f, 0.5,
           {-0.5 * (0.25 * e - 1 + std::log(2 * std::acos(-1.0))), -0.5 * e, -e});
}

TEST_CASE("x log(y) has the slope log(y) in x, also at x = 0, and none in y there") {
  const Var x = parameter(testing::vector_of({0, 0, 0, 2}));
  const Var y = parameter(testing::vector_of({2, 0, 0.5, 2}));
  const Var f = xlogy(x, y);
  const std::vector<Var> slopes = grad(sum(f), {x, y});
  const std::vector<Tensor> found = testing::run_both({f, slopes[0], slopes[1]});
  const double l = std::log(2.0);
  for (std::int64_t i = 0; i < 4; ++i) {
    CHECK(found[0].at(i) == (i < 3 ? 0 : doctest::Approx(2 * l)));
    CHECK(found[2].at(i) == (i < 3 ? 0.0 : 1.0));
  }
  CHECK(found[1].at(0) == doctest::Approx(l));
  CHECK(found[1].at(1) == -kInfinity);
  CHECK(found[1].at(2) == doctest::Approx(-l));
  // d^2 / dx dy = 1 / y
  const Tensor mixed = testing::run_both(grad(sum(slopes[0]), y));
  CHECK(mixed.at(0) == 0.5);
  CHECK(mixed.at(2) == 2);
  CHECK(testing::run_both(grad(sum(slopes[1]), x)).at(0) == 0.5);
}

TEST_CASE("a divergence rises without bound in a probability that leaves 0 or 1") {
  const OfOne kl = [](const Var& p) { return kl_bernoulli(p, full_like(p, 0.3)); };
  const OfOne logits = [](const Var& p) {
    return kl_bernoulli_with_logits(p, full_like(p, std::log(0.3 / 0.7)));
  };
  for (const OfOne& f : {kl, logits}) {
    check_at("at 0", f, 0, {-std::log(0.7), -kInfinity});
    check_at("at 1", f, 1, {-std::log(0.3), kInfinity});
    check_at("inside", f, 0.3, {0, 0, 1 / 0.21});
  }
}

TEST_CASE("a norm has the derivative 0 at 0 and no second one, and says so by NaN") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    const Var x = parameter(Tensor(Shape{3}, dtype));
    const Var y = norm(x);
    const Var first = grad(y, x);
    const std::vector<Tensor> found = testing::run_both({y, first, grad(sum(first), x)});
    CHECK(found[0].item() == 0);
    CHECK(found[1].values() == std::vector<double>(3, 0.0));
    for (double second : found[2].values()) CHECK(std::isnan(second));
  }
}

TEST_CASE("the cosine of vectors of zeros is a product as far as epsilon goes") {
  const Var a = parameter(testing::vector_of({0, 0})), b = constant(testing::vector_of({3, 4}));
  const Var y = cosine_similarity(a, b);
  const Var first = grad(y, a);
  const std::vector<Tensor> found = testing::run_both({y, first, grad(sum(first), a)});
  CHECK(found[0].item() == 0);
  CHECK(found[1].at(0) == doctest::Approx(0.6e8));
  CHECK(found[2].values() == std::vector<double>{0, 0});
}

}  // namespace
}  // namespace hourglass

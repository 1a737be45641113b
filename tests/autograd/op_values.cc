#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/transform/transform.h"

using namespace hourglass;

// What is documented of single points: ties, zeros, bounds, empty tensors, draws.

namespace {

Var f64(const std::vector<double>& values) {
  return parameter(Tensor::from(values, Shape{static_cast<std::int64_t>(values.size())}));
}
std::vector<double> values(const Var& x) { return x.value().values(); }
std::vector<double> slope(const Var& y, const Var& x) { return values(grad(sum(y), x)); }
std::vector<double> curvature(const Var& y, const Var& x) {
  return values(grad(sum(grad(sum(y), x)), x));
}
using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("where equals meet, maximum and minimum give half the derivative to each") {
  const Var a = f64({1, 2, 3});
  const Var b = f64({2, 2, 2});
  CHECK(slope(maximum(a, b), a) == Numbers{0, 0.5, 1});
  CHECK(slope(maximum(a, b), b) == Numbers{1, 0.5, 0});
  CHECK(slope(minimum(a, b), a) == Numbers{1, 0.5, 0});
}

TEST_CASE("at a kink an activation has its left derivative, and clip has 1 at its bounds") {
  const Var zero = f64({0});
  CHECK(slope(relu(zero), zero) == Numbers{0});
  CHECK(slope(leaky_relu(zero, 0.25), zero) == Numbers{0.25});
  CHECK(slope(elu(zero, 1.5), zero) == Numbers{1.5});
  CHECK(curvature(elu(zero, 1.5), zero) == Numbers{1.5});
  CHECK(slope(abs(zero), zero) == Numbers{0});
  const Var bounds = f64({-1, 0, 1, 1.5});
  CHECK(slope(clip(bounds, -1, 1), bounds) == Numbers{1, 1, 1, 0});
}

TEST_CASE("pow has its derivatives at zero where they exist") {
  const Var x = f64({0, 0, 0, 2});
  const Var y = f64({0, 1, 2, 3});
  CHECK(slope(pow(x, y), x) == Numbers{0, 1, 0, 12});
  CHECK(slope(pow(x, y), y) == Numbers{0, 0, 0, 8 * std::log(2)});
  const Var zero = f64({0});
  CHECK(curvature(pow(zero, 2), zero) == Numbers{2});
  CHECK(curvature(pow(zero, f64({2})), zero) == Numbers{2});
}

TEST_CASE("the norm of zeros has derivative zero, and none of the second order") {
  const Var x = f64({0, 0, 0});
  CHECK(values(norm(x)) == Numbers{0});
  CHECK(slope(norm(x), x) == Numbers{0, 0, 0});
  for (double second : curvature(norm(x), x)) CHECK(std::isnan(second));
  const Var rows = parameter(Tensor::from<double>({0, -4, 0, 0}, Shape{2, 2}));
  CHECK(values(grad(sum(norm(rows, {1})), rows)) == Numbers{0, -1, 0, 0});
}

TEST_CASE("a product of which some factors are zero has the right derivatives of every order") {
  const Var x = f64({2, 0, 3, 0, 5});
  CHECK(slope(prod(x), x) == Numbers{0, 0, 0, 0, 0});
  // d2 / dx1 dx3 = 2 * 3 * 5, every other second derivative has a zero factor.
  CHECK(curvature(prod(x), x) == Numbers{0, 30, 0, 30, 0});
  // d3 / dx0 dx1 dx3 = 15, and so on; summed over two of the three indices, twice each.
  const Var third = grad(sum(grad(sum(grad(prod(x), x)), x)), x);
  CHECK(values(third) == Numbers{30, 2 * (15 + 10 + 6), 20, 2 * (15 + 10 + 6), 12});
}

TEST_CASE("variance passes twice: a large mean does not swallow it") {
  const Var x = f64({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  CHECK(values(variance(x)) == Numbers{22.5});
  CHECK(values(variance(x, {}, false, 1)) == Numbers{30});
}

TEST_CASE("one_hot of an index out of range is a row of zeros") {
  const Var indices = constant(Tensor::from<std::int32_t>({2, 0, 3, -1}, Shape{2, 2}));
  const Var y = one_hot(indices, 3, DType::kF64);
  CHECK(y.shape() == Shape{2, 2, 3});
  CHECK(values(y) == Numbers{0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("top_k gives values in descending order, and a mask that keeps just those") {
  const Var x = parameter(Tensor::from<double>({1, 5, 2, 7, 7, 0}, Shape{2, 3}));
  const hourglass::TopK top = top_k(x, 2);
  CHECK(values(top.values) == Numbers{5, 2, 7, 7});
  CHECK(values(top.indices) == Numbers{1, 2, 0, 1});
  CHECK(values(top_k_mask(x, 2)) == Numbers{0, 1, 1, 1, 1, 0});
  CHECK(values(grad(sum(square(top.values)), x)) == Numbers{0, 10, 4, 14, 14, 0});
  const hourglass::TopK column = top_k(x, 1, 0);
  CHECK(column.values.shape() == Shape{1, 3});
  CHECK(values(column.values) == Numbers{7, 7, 2});
}

TEST_CASE("stored images become numbers from 0 to 1") {
  const Var images = constant(Tensor::from<std::uint8_t>({0, 51, 255}, Shape{3}));
  CHECK(values(scale_u8(images, DType::kF64)) == Numbers{0, 0.2, 1});
  CHECK(scale_u8(images).dtype() == DType::kF32);
}

TEST_CASE("splits and chunks put together again are the whole") {
  const Var x = f64({1, 2, 3, 4, 5, 6});
  CHECK(values(concat(split(x, {1, 0, 5}, 0), 0)) == values(x));
  const std::vector<Var> parts = chunk(x, 3, 0);
  CHECK(values(parts[1]) == Numbers{3, 4});
  CHECK(values(stack(parts, 1)) == Numbers{1, 3, 5, 2, 4, 6});
  CHECK(values(tile(f64({1, 2}), {2, 2})) == Numbers{1, 2, 1, 2, 1, 2, 1, 2});
  CHECK(values(slice(x, 0, {-3, -1})) == Numbers{4, 5});
  CHECK(squeeze(expand_dims(expand_dims(x, 0), -1)).shape() == Shape{6});
}

TEST_CASE("small linear algebra") {
  const Var a = f64({1, 2});
  const Var b = f64({3, 4, 5});
  CHECK(values(outer(a, b)) == Numbers{3, 4, 5, 6, 8, 10});
  CHECK(values(dot(b, b)) == Numbers{50});
  CHECK(values(matvec(outer(a, b), b)) == Numbers{50, 100});
  CHECK(values(matvec(outer(a, b), a, true)) == Numbers{15, 20, 25});
  CHECK(values(trace(outer(b, b))) == Numbers{50});
  CHECK(values(diagonal(diag(b))) == values(b));
}

TEST_CASE(
    "what has no elements is reduced to what the empty sum, product and exponential sum are") {
  const Var none = parameter(Tensor(Shape{2, 0}, DType::kF64));
  CHECK(values(sum(none, {1})) == Numbers{0, 0});
  CHECK(values(prod(none, {1})) == Numbers{1, 1});
  CHECK(values(logsumexp(none, {1})) == Numbers{-INFINITY, -INFINITY});
  CHECK(softmax(none, 1).value().elements() == 0);
  CHECK(mean(none, {0}).value().elements() == 0);
  CHECK(sort(none).value().elements() == 0);
  CHECK(cumsum(none, 1).value().elements() == 0);
  CHECK(values(concat({none, ones_like(reshape(f64({1, 2}), {2, 1}))}, 1)) == Numbers{1, 1});
  CHECK(grad(sum(logsumexp(none, {1})), none).value().elements() == 0);
}

TEST_CASE("a draw is a function of key, stream and shape; distributions have their moments") {
  const RandomKey key = random_key(11);
  const Shape shape{20000};
  const Numbers u = values(random_uniform(key, "a", shape, -1.0, 3.0, DType::kF64));
  CHECK(*std::min_element(u.begin(), u.end()) > -1);
  CHECK(*std::max_element(u.begin(), u.end()) < 3);
  CHECK(std::accumulate(u.begin(), u.end(), 0.0) / 20000 == doctest::Approx(1).epsilon(0.03));
  CHECK(values(mean(random_bernoulli(key, "b", shape, 0.3, DType::kF64)))[0] ==
        doctest::Approx(0.3).epsilon(0.03));
  const Var g = random_gumbel(key, "c", shape, DType::kF64);
  CHECK(values(mean(g))[0] == doctest::Approx(0.5772).epsilon(0.05));      // Euler's constant
  CHECK(values(variance(g))[0] == doctest::Approx(1.6449).epsilon(0.05));  // pi^2 / 6
  CHECK(values(random_gumbel(key, "c", shape, DType::kF64)) == values(g));
  for (double p : {0.0, 1.0}) {
    const Numbers sure = values(random_bernoulli(key, "d", shape, p));
    CHECK(std::all_of(sure.begin(), sure.end(), [p](double x) { return x == p; }));
  }
}

TEST_CASE("a permutation holds every index once, and another key gives another one") {
  const std::int64_t n = 1000;
  Numbers p = values(random_permutation(random_key(1), "a", n));
  CHECK(p != values(random_permutation(random_key(2), "a", n)));
  CHECK(p == values(random_permutation(random_key(1), "a", n)));
  std::sort(p.begin(), p.end());
  for (std::int64_t i = 0; i < n; ++i)
    CHECK(p[static_cast<std::size_t>(i)] == static_cast<double>(i));
}

TEST_CASE("logaddexp is smooth where its arguments are equal") {
  const Var a = f64({0, 3});
  const Var b = f64({0, 3});
  CHECK(slope(logaddexp(a, b), a) == Numbers{0.5, 0.5});
  CHECK(curvature(logaddexp(a, b), a) == Numbers{0.25, 0.25});
}

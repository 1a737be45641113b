// Transforms of transforms, over convolutions, pooling and indices: each against what it must be by
// a road that shares nothing with it.

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/check/gradcheck.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/hutchinson.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::distance;
using testing::kF64;
using testing::random_parameter;
using testing::random_tensor;
using testing::run_both;
using Vars = std::vector<Var>;

// An image [1, 4, 4] through conv, max-pool, tanh and transposed conv: squared error of the image.
struct ConvAutoencoder {
  Var w1 = random_parameter(Shape{2, 1, 3, 3}, 11);
  Var w2 = random_parameter(Shape{2, 1, 2, 2}, 12);

  Var loss(const Var& image) const {
    const Var x = reshape(image, Shape{1, 1, 4, 4});
    const Var h = tanh(max_pool2d(conv2d(x, w1, same_conv(1, 1))).values);  // [1, 2, 2, 2]
    return sum(square(conv_transpose2d(h, w2, same_conv(2, 0)) - x));
  }
};

// Row by row, the central difference of f(x), extrapolated from two steps: [n, m].
Tensor differences(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  std::vector<double> rows;
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const auto at = [&](double step) {
      Tensor moved = x.clone();
      moved.data<double>()[i] += step;
      return f(moved).values();
    };
    const double h = 1e-3;
    const auto a = at(h), b = at(-h), c = at(h / 2), d = at(-h / 2);
    for (std::size_t k = 0; k < a.size(); ++k) {
      rows.push_back((4 * (c[k] - d[k]) / h - (a[k] - b[k]) / (2 * h)) / 3);
    }
  }
  const std::int64_t m = static_cast<std::int64_t>(rows.size()) / x.elements();
  return Tensor::from(rows, Shape{x.elements(), m});
}

TEST_CASE("the Hessian of a loss with a conv_transpose and a max-pool is that of differences") {
  const ConvAutoencoder model;
  const Tensor point = random_tensor(Shape{1, 4, 4}, 13);
  const Var x = input(point.shape(), kF64);
  const Var loss = model.loss(x);
  const Tensor h = evaluate({reshape(hessian(loss, x), Shape{16, 16})}, {{x, point}})[0];
  const Var gradient = grad(loss, x);
  const Tensor numeric = differences(
      [&](const Tensor& at) {
        return evaluate({gradient}, {{x, at}})[0];
      },
      point);
  CHECK(distance(h, numeric) < 1e-9);
  const Var flipped = transpose(constant(h));
  CHECK(distance(constant(h), flipped) < 1e-13);  // symmetric
  // And in the weights, through both orders of the public check.
  const auto of_weights = [&](const Vars& v) {
    ConvAutoencoder other;
    other.w1 = v[0];
    other.w2 = v[1];
    return other.loss(constant(point));
  };
  const CheckReport report = gradgradcheck(of_weights, {model.w1.tensor(), model.w2.tensor()});
  CHECK_MESSAGE(report.passed, to_string(report));
}

TEST_CASE("vmap of grad gives each image its own gradient, through convolutions and pooling") {
  const ConvAutoencoder model;
  const Tensor images = random_tensor(Shape{5, 1, 4, 4}, 14);
  const Var x = input(Shape{1, 4, 4}, kF64);
  const Vars g = grad(model.loss(x), Vars{model.w1, model.w2});
  const Vars each = vmap(g, {x}, {constant(images)});
  const std::vector<Tensor> got = run_both(each);
  for (std::int64_t i = 0; i < 5; ++i) {
    const Tensor image = images.rows(i, i + 1).reshape(Shape{1, 4, 4});
    const std::vector<Tensor> alone = evaluate(g, {{x, image}});
    for (std::size_t k : {0u, 1u}) {
      CHECK(distance(got[k].rows(i, i + 1).reshape(alone[k].shape()), alone[k]) < 1e-13);
    }
  }
}

TEST_CASE("grad of a batch_jacobian is that of differences, for dense and convolutional encoders") {
  const Tensor images = random_tensor(Shape{2, 1, 3, 3}, 15);
  const Tensor weights = random_tensor(Shape{2, 1, 2, 2}, 16);
  const auto convolutional = [](const Vars& v) {
    return sum(square(batch_jacobian(sigmoid(conv2d(v[0], v[1])), v[0])));
  };
  const auto dense = [](const Vars& v) {
    const Var h = tanh(matmul(sigmoid(matmul(v[0], v[1], false, true)), v[2], false, true));
    return sum(square(batch_jacobian(h, v[0])));
  };
  const CheckReport one = gradgradcheck(convolutional, {images, weights});
  CHECK_MESSAGE(one.passed, to_string(one));
  const CheckReport two =
      gradgradcheck(dense, {random_tensor(Shape{3, 4}, 17), random_tensor(Shape{3, 4}, 18),
                            random_tensor(Shape{2, 3}, 19)});
  CHECK_MESSAGE(two.passed, to_string(two));
}

TEST_CASE("a Hutchinson estimate of a convolutional encoder is unbiased, value and gradient") {
  const Var x = random_parameter(Shape{1, 1, 3, 3}, 20);
  const Var w = random_parameter(Shape{2, 1, 2, 2}, 21);
  const Var h = tanh(conv2d(x, w));
  const Var exact = sum(square(batch_jacobian(h, x)));
  const Var step = constant(0, DType::kI32);
  const Var one = hutchinson_frobenius(h, x, random_key(3, step), "probe");
  constexpr int kDraws = 3000;
  std::vector<std::int32_t> steps;
  for (int i = 0; i < kDraws; ++i) steps.push_back(i);
  const Var all = constant(Tensor::from(steps, Shape{kDraws}));
  const Vars estimates = vmap(Vars{one, grad(one, w)}, {step}, {all});
  const Vars truths = {exact, grad(exact, w)};
  for (std::size_t k : {0u, 1u}) {
    const Var error = abs(mean(estimates[k], {0}) - truths[k]);
    const Var allowed = 5 * sqrt(variance(estimates[k], {0})) / std::sqrt(kDraws) + 1e-12;
    CHECK(min(allowed - error).value().item() > 0);
  }
}

TEST_CASE("under vmap scatter_add names the index that its own array does not have") {
  const Var x = input({2}, kF64);
  const Var i = input({2}, DType::kI32);
  const auto batch = [&](std::int32_t last) {
    const auto xs = Tensor::from<double>({1, 2, 3, 4}, {2, 2});
    const auto is = Tensor::from<std::int32_t>({0, 2, 1, last}, {2, 2});
    return vmap(scatter_add(x, i, 0, 3), {x, i}, {constant(xs), constant(is)});
  };
  CHECK(batch(1).value().values() == std::vector<double>{1, 0, 2, 0, 7, 0});
  CHECK_THROWS_WITH_AS(batch(3).value(),
                       "scatter_add: index out of range: indices[3] = -1: expected 0 to 5", Error);
  CHECK_THROWS_AS(batch(-1).value(), Error);
}

}  // namespace
}  // namespace hourglass

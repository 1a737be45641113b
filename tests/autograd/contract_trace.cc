#include <doctest/doctest.h>

#include <cmath>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/contract_support.h"
#include "tests/autograd/support.h"

// Traces: of a Jacobian (a flow's divergence) and of a Hessian (the Laplacian of an energy). Their
// costs are held against the forward pass and against the best way that a person would write them.

namespace hourglass {
namespace {

using namespace testing;

// What is differentiated, at any sizes: y of x through weights.
struct Net {
  Var x, y;
  std::vector<Var> weights;
};

// [B, D] through tanh, linear at the end, back to [B, D] by a residual.
Net residual(std::int64_t batch, const std::vector<std::int64_t>& widths, DType dtype) {
  Net net;
  net.x = numbers(Shape{batch, widths[0]}, dtype);
  Var h = net.x;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    if (i > 1) h = tanh(h);
    net.weights.push_back(numbers(Shape{widths[i - 1], widths[i]}, dtype));
    h = matmul(h, net.weights.back());
  }
  net.y = net.x + (widths.size() == 2 ? tanh(h) : h);
  return net;
}

Var divergence(const Net& net) { return trace(batch_jacobian(net.y, net.x)); }

// An energy of each row: softplus or tanh layers, summed.
Net energy(std::int64_t batch, const std::vector<std::int64_t>& widths, DType dtype,
           const Activation& f) {
  Net net;
  net.x = numbers(Shape{batch, widths[0]}, dtype);
  Var h = net.x;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    net.weights.push_back(numbers(Shape{widths[i - 1], widths[i]}, dtype));
    h = f(matmul(h, net.weights.back()));
  }
  net.y = sum(h, {1});
  return net;
}

Var laplacian(const Net& net) { return trace(batch_jacobian(grad(sum(net.y), net.x), net.x)); }

Var softplus_of(const Var& z) { return softplus(z); }
Var tanh_of(const Var& z) { return tanh(z); }

double multiply_adds(const std::vector<Var>& outputs) {
  return graph_cost(simplify(outputs)).multiply_adds;
}

TEST_CASE("the trace of a Jacobian of one or two layers costs no more than 1.5 forward passes") {
  for (const std::vector<std::int64_t>& widths :
       {std::vector<std::int64_t>{64, 64}, {64, 64, 64}, {64, 256, 64}, {196, 32, 196}}) {
    const Net net = residual(64, widths, kF32);
    CHECK(multiply_adds({divergence(net)}) <= 1.5 * multiply_adds({net.y}));
    CHECK(multiply_adds({net.y, divergence(net)}) <= 2.2 * multiply_adds({net.y}));
  }
}

TEST_CASE("the Laplacian of one layer costs no more than 1.5 forward passes") {
  for (const Activation f : {softplus_of, tanh_of}) {
    const Net net = energy(64, {196, 128}, kF32, f);
    CHECK(multiply_adds({laplacian(net)}) <= 1.5 * multiply_adds({net.y}));
  }
}

// Value, Jacobian and Laplacian propagated together: each layer takes J [B, D, H] through its
// weight; or, where that is less, a layer's rows meet by W'W, which all examples share.
double best_known(double batch, double inputs, double hidden, double outputs) {
  const double forward = batch * (inputs * hidden + hidden * outputs);
  const double along = batch * inputs * hidden * (1 + outputs);
  const double gram = inputs * hidden * hidden + batch * hidden * outputs * (2 + hidden);
  return forward + std::min(along, gram) + batch * hidden * outputs;
}

TEST_CASE("the Laplacian of two layers costs what the best known way does") {
  for (const Activation f : {softplus_of, tanh_of}) {
    for (const std::int64_t outputs : {32, 128, 256}) {
      for (const std::int64_t inputs : {16, 196}) {
        CAPTURE(outputs);
        CAPTURE(inputs);
        const Net net = energy(64, {inputs, 128, outputs}, kF32, f);
        const double best =
            best_known(64, static_cast<double>(inputs), 128, static_cast<double>(outputs));
        CHECK(multiply_adds({laplacian(net)}) <= 1.2 * best);
        CHECK(multiply_adds({sum(square(laplacian(net)))}) <= 1.2 * best);
      }
    }
  }
}

// The same for any depth: J goes through each further weight; or only a layer's own chain of weights
// does, and W'W of the first one.
double best_known(double batch, const std::vector<std::int64_t>& widths) {
  const auto w = [&](std::size_t i) { return static_cast<double>(widths[i]); };
  double forward = 0, along = 0, gram = w(0) * w(1) * w(1);
  for (std::size_t i = 1; i < widths.size(); ++i) forward += batch * w(i - 1) * w(i);
  for (std::size_t i = 2; i < widths.size(); ++i) {
    along += batch * w(0) * w(i - 1) * w(i);
    gram += batch * w(i) * w(1) * w(1);
    for (std::size_t j = i; j > 2; --j) gram += batch * w(i) * w(j - 1) * w(j - 2);
  }
  return 2 * forward + std::min(along, gram);
}

TEST_CASE("the Laplacian of up to six layers costs what the best known way does") {
  for (const std::vector<std::int64_t>& widths : {std::vector<std::int64_t>{196, 128, 64, 32},
                                                  {784, 256, 128, 32},
                                                  {196, 128, 64, 32, 16},
                                                  {784, 256, 128, 64, 32},
                                                  {64, 64, 64, 64, 64},
                                                  {3, 64, 64, 64, 1},
                                                  {2, 64, 64, 64, 64, 1},
                                                  {2, 64, 64, 64, 64, 64, 1}}) {
    CAPTURE(widths.size());
    CAPTURE(widths[0]);
    const Net net = energy(64, widths, kF32, softplus_of);
    CHECK(multiply_adds({laplacian(net)}) <= 1.2 * best_known(64, widths));
  }
}

TEST_CASE("traces and their derivatives are those of brute force, to the third order") {
  const auto check = [](const Var& value, const std::vector<Var>& weights) {
    const Var loss = mean(square(value - 0.3)) + 0.1 * mean(value);
    check_values({loss, weights});
    Var second = constant(0, kF64);
    for (const Var& g : vjp(loss, weights, constant(1, kF64))) second = second + sum(square(g));
    check_values({second, weights});
  };
  for (const std::vector<std::int64_t>& widths :
       {std::vector<std::int64_t>{4, 4}, {4, 3, 4}, {3, 5, 2, 3}}) {
    const Net net = residual(3, widths, kF64);
    check(divergence(net), net.weights);
  }
  for (const Activation f : {softplus_of, tanh_of}) {
    for (const std::vector<std::int64_t>& widths : {std::vector<std::int64_t>{4, 3},
                                                    {4, 3, 2},
                                                    {2, 5, 3},
                                                    {3, 4, 2, 3},
                                                    {12, 3, 4, 2},
                                                    {3, 2, 4, 2, 3}}) {
      const Net net = energy(3, widths, kF64, f);
      check(laplacian(net), net.weights);
    }
  }
}

TEST_CASE("a diagonal, and a diagonal in zeros, are theirs in any product") {
  const Var a = numbers(Shape{2, 4, 4}, kF64), b = numbers(Shape{4, 4}, kF64);
  const Var d = numbers(Shape{2, 4}, kF64);
  const auto check = [&](const Var& x) { check_values({sum(square(x)), {a, b, d}}); };
  check(diagonal(matmul(a, b)));
  check(trace(matmul(matmul(a, b), a)));
  check(matmul(diag(d), b));
  check(trace(matmul(diag(d), matmul(a, diag(d)))));
  check(diagonal(diag(d) + matmul(a, b)));
  check(trace(broadcast_to(eye(4, kF64), Shape{2, 4, 4}) + a));
}

TEST_CASE("a sum comes apart under a trace, a difference does not, however it is written") {
  const auto product = [] {
    return matmul(numbers(Shape{64, 1}, kF32), numbers(Shape{1, 64}, kF32));
  };
  const Var p = product(), q = product(), w = numbers(Shape{64, 64}, kF32);
  const auto cost = [&](const Var& x) { return multiply_adds({trace(matmul(x, w))}); };
  CHECK(cost(p + q) < cost(p - q));
  CHECK(cost(p + q) < cost(p + -1.0 * q));
  CHECK(cost(p + q) < cost(p + -q));
}

}  // namespace
}  // namespace hourglass

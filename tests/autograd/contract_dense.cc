#include <doctest/doctest.h>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/transform/hutchinson.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/contract_support.h"
#include "tests/autograd/support.h"

// The documented costs of the contraction normal form (docs/contractions.md), dense encoders: each
// row is counted at its full size and compared with brute force at a small one.

namespace hourglass {
namespace {

using namespace testing;

struct NamedActivation {
  const char* name;
  Activation f;
};
const std::vector<NamedActivation>& activations() {
  static const std::vector<NamedActivation> all = {
      {"sigmoid", [](const Var& z) { return sigmoid(z); }},
      {"tanh", [](const Var& z) { return tanh(z); }},
      {"relu", [](const Var& z) { return relu(z); }},
      {"softplus", [](const Var& z) { return softplus(z); }},
      {"sin", [](const Var& z) { return sin(z); }}};
  return all;
}

std::vector<DenseLayer> layers() {
  std::vector<DenseLayer> result;
  for (const NamedActivation& activation : activations()) {
    for (const bool bias : {false, true}) {
      for (const bool tied : {false, true}) {
        for (const bool transposed : {false, true}) {
          result.push_back({activation.f, bias, tied, transposed});
        }
      }
    }
  }
  return result;
}

std::vector<Var> squares_of(const Var& j) { return {square(j), j * j, pow(j, 2.0)}; }

AutoencoderGraph sigmoid_layer(std::int64_t batch, std::int64_t inputs, std::int64_t codes,
                               DType dtype) {
  return one_layer(batch, inputs, codes, dtype, {activations()[0].f});
}

TEST_CASE("one dense layer's penalty costs next to nothing, however it is written") {
  for (const DenseLayer& layer : layers()) {
    const AutoencoderGraph model = one_layer(100, 784, 256, kF32, layer);
    const Cost mse = graph_cost(engine(plain(model)));
    CHECK(mse.multiply_adds / 1e6 <= 101.4 * 1.1);
    const Var j = batch_jacobian(model.h, model.x);
    for (const Var& squares : squares_of(j)) {
      const Case test = with_penalty(model, sum(squares));
      check_cost(test, 102.5, 0.2);
      const Cost cost = graph_cost(engine(test));
      CHECK(cost.multiply_adds - mse.multiply_adds <= 20.0 * (100 * 256 + 784 * 256));
      CHECK(cost.largest_buffer < 100.0 * 784 * 256);
      CHECK(largest_product(engine(test)) <= largest_product(engine(plain(model))));
    }
  }
}

TEST_CASE("one dense layer's penalty and its gradient are those of brute force") {
  for (const DenseLayer& layer : layers()) {
    const AutoencoderGraph model = one_layer(3, 5, 4, kF64, layer);
    const Var j = batch_jacobian(model.h, model.x);
    for (const Var& squares : squares_of(j)) check_values(with_penalty(model, sum(squares)));
  }
}

TEST_CASE("deep dense encoders cost what is documented, and keep their values") {
  struct Row {
    std::vector<std::int64_t> widths, small;
    double mse, multiply_adds, largest_buffer;
  };
  const std::vector<Row> rows = {
      {{784, 256, 64}, {9, 7, 4}, 111, 1123, 1.6},
      {{64, 256, 64}, {3, 8, 4}, 18, 340, 1.05},  // 1.6 % of 1.05 is the rounding of the table
      {{784, 32, 256}, {9, 2, 7}, 18, 101, 0.26},
      {{16, 256, 256}, {2, 7, 6}, 42, 361, 0.41},
      {{784, 256, 128, 32}, {9, 7, 5, 2}, 124, 1126, 0.82},
      {{16, 256, 256, 64}, {2, 8, 7, 4}, 52, 450, 0.41},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(Shape(row.widths)));
    const AutoencoderGraph model = deep(100, row.widths, kF32);
    check_cost(plain(model), row.mse, 0.2);
    check_cost(with_penalty(model, contractive(model)), row.multiply_adds, row.largest_buffer);
    for (const std::int64_t batch : {1, 5}) {
      const AutoencoderGraph small = deep(batch, row.small, kF64);
      check_values(with_penalty(small, contractive(small)));
    }
  }
}

TEST_CASE("absolute values of a Jacobian pass into its factors") {
  const auto test = [](const AutoencoderGraph& model) {
    return with_penalty(model, sum(abs(batch_jacobian(model.h, model.x))));
  };
  check_cost(test(sigmoid_layer(100, 784, 256, kF32)), 102.5, 0.2);
  check_values(test(sigmoid_layer(3, 5, 4, kF64)));
}

TEST_CASE("log(1 + J^2) has no closed form, but J = v W is a product of elements") {
  const auto test = [](const AutoencoderGraph& model) {
    return with_penalty(model, sum(log(1 + square(batch_jacobian(model.h, model.x)))));
  };
  check_cost(test(sigmoid_layer(100, 784, 256, kF32)), 243, 20.1);
  check_values(test(sigmoid_layer(3, 5, 4, kF64)));
}

// The codes and their Jacobian at x and beside it (CAE+H).
Case beside(std::int64_t batch, std::int64_t inputs, std::int64_t codes, DType dtype) {
  AutoencoderGraph model = sigmoid_layer(batch, inputs, codes, dtype);
  const Var near = model.x + numbers(Shape{batch, inputs}, dtype, 0.1);
  const Var h = sigmoid(matmul(near, model.parameters[0], false, true) + model.parameters[1]);
  const Var difference = batch_jacobian(model.h, model.x) - batch_jacobian(h, near);
  return with_penalty(model, sum(square(difference)));
}

TEST_CASE("the difference of two Jacobians is merged by its common weights") {
  check_cost(beside(100, 784, 256, kF32), 143.2, 0.2);
  check_values(beside(3, 5, 4, kF64));
}

TEST_CASE("norms of each example's Jacobian, below a square root") {
  const auto test = [](const AutoencoderGraph& model) {
    return with_penalty(model, sum(sqrt(sum(square(batch_jacobian(model.h, model.x)), {1, 2}))));
  };
  check_cost(test(sigmoid_layer(100, 784, 256, kF32)), 102.5, 0.2);
  check_values(test(sigmoid_layer(3, 5, 4, kF64)));
  check_cost(test(deep(100, {784, 256, 64}, kF32)), 2361, 5.02);
  check_values(test(deep(3, {5, 4, 3}, kF64)));
}

AutoencoderGraph softmax_layer(std::int64_t batch, std::int64_t inputs, std::int64_t codes,
                               DType dtype) {
  return one_layer(batch, inputs, codes, dtype, {[](const Var& z) { return softmax(z); }});
}

TEST_CASE("a softmax mixes identities, and is distributed over them") {
  const auto test = [](const AutoencoderGraph& model) {
    return with_penalty(model, contractive(model));
  };
  check_cost(plain(softmax_layer(100, 784, 64, kF32)), 25.7, 0.08);
  check_cost(test(softmax_layer(100, 784, 64, kF32)), 68, 0.41);
  check_values(test(softmax_layer(3, 5, 4, kF64)));
}

TEST_CASE("a residual connection adds an identity, and is distributed over it") {
  const auto test = [](std::int64_t batch, std::int64_t n, DType dtype) {
    AutoencoderGraph model = one_layer(batch, n, n, dtype, {activations()[1].f});
    model.h = model.x + model.h;
    return with_penalty(model, contractive(model));
  };
  check_cost(test(100, 64, kF32), 30, 0.41);
  check_values(test(3, 4, kF64));
}

TEST_CASE("residual layers on top of each other keep their values and cost no more than written") {
  const auto test = [](std::int64_t batch, std::int64_t n, int depth, DType dtype) {
    AutoencoderGraph model = one_layer(batch, n, n, dtype, {activations()[1].f});
    for (int i = 0; i < depth; ++i) {
      model.parameters.push_back(numbers(Shape{n, n}, dtype));
      model.h = model.h + tanh(matmul(model.h, model.parameters.back()));
    }
    return with_penalty(model, contractive(model));
  };
  for (const int depth : {1, 2, 3}) {
    CAPTURE(depth);
    check_values(test(3, 4, depth, kF64));
    const Case large = test(100, 64, depth, kF32);
    CHECK(graph_cost(engine(large)).multiply_adds <= graph_cost(brute(large)).multiply_adds);
  }
}

TEST_CASE("in f32 the cheap form is as near to the truth as the written one") {
  const std::vector<AutoencoderGraph> models = {
      sigmoid_layer(4, 20, 10, kF64), deep(4, {20, 12, 8}, kF64), deep(4, {6, 12, 9}, kF64),
      softmax_layer(4, 20, 10, kF64)};
  for (const AutoencoderGraph& model : models) {
    const Case test = with_penalty(model, contractive(model));
    const std::vector<Tensor> truth = evaluate(brute(test));
    const std::vector<Tensor> got = evaluate(cast_graph(engine(test), kF32));
    for (std::size_t i = 0; i < got.size(); ++i) {
      CHECK(distance(got[i].cast(kF64), truth[i]) < 1e-5);
    }
  }
}

TEST_CASE("Hutchinson's estimator is left as it is") {
  const auto test = [](const AutoencoderGraph& model) {
    const Var u = numbers(model.h.shape(), model.h.dtype());
    return with_penalty(model, sum(square(vjp(model.h, {model.x}, u)[0])));
  };
  check_cost(test(sigmoid_layer(100, 784, 256, kF32)), 162.2, 0.2);
  check_values(test(sigmoid_layer(3, 5, 4, kF64)));
}

}  // namespace
}  // namespace hourglass

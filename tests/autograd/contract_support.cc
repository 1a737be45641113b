#include "tests/autograd/contract_support.h"
#include "autograd/simplify/simplify.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "autograd/compile/program.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/support.h"

namespace hourglass::testing {

Var numbers(const Shape& shape, DType dtype, double scale) {
  static std::uint64_t seed = 0;
  if (dtype == DType::kF32) return parameter(Tensor(shape, dtype));
  return parameter(random_tensor(shape, ++seed, -scale, scale));
}

AutoencoderGraph one_layer(std::int64_t batch, std::int64_t inputs, std::int64_t codes, DType dtype,
                           const DenseLayer& layer) {
  AutoencoderGraph model;
  model.batch = static_cast<double>(batch);
  model.x = numbers(Shape{batch, inputs}, dtype);
  const Var w = numbers(layer.transposed ? Shape{inputs, codes} : Shape{codes, inputs}, dtype);
  model.parameters = {w};
  Var z = matmul(model.x, w, false, !layer.transposed);
  if (layer.bias) {
    model.parameters.push_back(numbers(Shape{codes}, dtype));
    z = z + model.parameters.back();
  }
  model.h = layer.activation(z);
  Var y = matmul(model.h, w, false, layer.transposed);
  if (!layer.tied) {
    model.parameters.push_back(numbers(Shape{codes, inputs}, dtype));
    y = matmul(model.h, model.parameters.back());
  }
  model.mse = sum(square(y - model.x)) / model.batch;
  return model;
}

AutoencoderGraph deep(std::int64_t batch, const std::vector<std::int64_t>& widths, DType dtype) {
  AutoencoderGraph model;
  model.batch = static_cast<double>(batch);
  model.x = numbers(Shape{batch, widths[0]}, dtype);
  model.h = model.x;
  std::vector<Var> weights;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    weights.push_back(numbers(Shape{widths[i], widths[i - 1]}, dtype));
    const Var bias = numbers(Shape{widths[i]}, dtype);
    const Var z = matmul(model.h, weights.back(), false, true) + bias;
    model.h = i % 2 == 1 ? tanh(z) : sigmoid(z);
    model.parameters.push_back(weights.back());
    model.parameters.push_back(bias);
  }
  Var y = model.h;
  for (std::size_t i = weights.size(); i-- > 0;) {
    y = matmul(y, weights[i]);
    if (i > 0) y = tanh(y);
  }
  model.mse = sum(square(y - model.x)) / model.batch;
  return model;
}

Case plain(const AutoencoderGraph& model) { return {model.mse, model.parameters}; }

Case with_penalty(const AutoencoderGraph& model, const Var& penalty) {
  return {model.mse + 0.1 * (penalty / model.batch), model.parameters};
}

Var contractive(const AutoencoderGraph& model) {
  return sum(square(batch_jacobian(model.h, model.x)));
}

std::vector<Var> engine(const Case& test) {
  std::vector<Var> outputs = grad(test.loss, test.parameters);
  outputs.push_back(test.loss);
  return simplify(outputs);
}

std::vector<Var> brute(const Case& test) {
  std::vector<Var> outputs = vjp(test.loss, test.parameters, constant(1, test.loss.dtype()));
  outputs.push_back(test.loss);
  return outputs;
}

void check_values(const Case& test) {
  const std::vector<Var> cheap = engine(test);
  const std::vector<Var> written = brute(test);
  const std::vector<Tensor> got = run_both(cheap);
  const std::vector<Tensor> expected = evaluate(written);
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(distance(got[i], expected[i]) < 1e-12);
  }
}

void check_cost(const Case& test, double multiply_adds, double largest_buffer) {
  const Cost cost = graph_cost(engine(test));
  CHECK(cost.multiply_adds / 1e6 <= 1.1 * multiply_adds);
  CHECK(cost.largest_buffer / 1e6 <= 1.1 * largest_buffer);
}

double largest_product(const std::vector<Var>& outputs) {
  double largest = 0;
  for (const Var& node : ancestors(outputs)) {
    const bool product = node.op().name == "matmul" || node.op().name.starts_with("conv2d");
    if (product) largest = std::max(largest, node_cost(node).multiply_adds);
  }
  return largest;
}

}  // namespace hourglass::testing

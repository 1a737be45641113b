// What penalties of a Jacobian cost once simplify has brought them into their normal form: counts
// of multiply-adds of grad(mse + lambda * penalty) and the largest buffer, from the graphs alone.
// The table of docs/contractions.md.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "autograd/graph/cost.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"

using namespace hourglass;

namespace {

using Sizes = std::vector<std::int64_t>;

struct Model {
  Var x, h, mse;  // input [B, ..], code [B, ..], squared error an example
  std::vector<Var> parameters;
  double batch = 0;

  Var weight(Shape shape) {  // only counted, so zeros will do
    parameters.push_back(parameter(Tensor(std::move(shape), DType::kF32)));
    return parameters.back();
  }
};

// Widths 784-256-..; tanh, sigmoid, tanh in turn (one layer: sigmoid), the decoder tied.
Model dense(const Sizes& widths, bool softmax_code = false) {
  Model m;
  m.batch = 100;
  m.x = m.h = input(Shape{100, widths[0]});
  std::vector<Var> weights;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    weights.push_back(m.weight(Shape{widths[i], widths[i - 1]}));
    const Var z = matmul(m.h, weights.back(), false, true) + m.weight(Shape{widths[i]});
    m.h = softmax_code ? softmax(z) : widths.size() > 2 && i % 2 == 1 ? tanh(z) : sigmoid(z);
  }
  Var y = m.h;
  for (std::size_t i = weights.size(); i-- > 0;) {
    y = matmul(y, weights[i]);
    if (i > 0) y = tanh(y);
  }
  m.mse = sum(square(y - m.x)) / m.batch;
  return m;
}

Model convolution(const Shape& image, const Shape& kernel) {
  Model m;
  m.batch = static_cast<double>(image[0]);
  m.x = input(image);
  const ConvOptions options = same_conv(2, 1);
  const Var w = m.weight(kernel);
  m.h = sigmoid(conv2d(m.x, w, options) + m.weight(Shape{kernel[0], 1, 1}));
  const Var y = conv2d_input_gradient(m.h, w, {image[2], image[3]}, options);
  m.mse = sum(square(y - m.x)) / m.batch;
  return m;
}

Model convolution_then_dense() {
  Model m = convolution(Shape{32, 1, 28, 29}, Shape{16, 1, 3, 3});
  const Var flat = reshape_to(m.h, {32, -1});
  m.h = sigmoid(matmul(flat, m.weight(Shape{64, flat.size(1)}), false, true) + m.weight(Shape{64}));
  return m;
}

void print(const char* name, const Model& m, const Var& penalty) {
  const auto count = [](const std::vector<Var>& outputs) {
    const Cost cost = graph_cost(outputs);
    std::printf(" %.1f / %.2f |", cost.multiply_adds / 1e6, cost.largest_buffer / 1e6);
  };
  const auto with_gradient = [&](const Var& loss) {
    std::vector<Var> outputs = grad(loss, m.parameters);
    outputs.push_back(loss);
    return simplify(outputs);
  };
  const Var loss = m.mse + 0.1 * (penalty / m.batch);
  std::printf("| %s |", name);
  count(with_gradient(m.mse));
  count(vjp(loss, m.parameters, constant(1)));
  count(with_gradient(loss));
  std::printf("\n");
}

void print_contractive(const char* name, const Model& m) {
  print(name, m, sum(square(batch_jacobian(m.h, m.x))));
}

// The change of the Jacobian nearby.
void print_beside() {
  const Model m = dense({784, 256});
  const Var near = m.x + input(m.x.shape());
  const Var h = sigmoid(matmul(near, m.parameters[0], false, true) + m.parameters[1]);
  print("784-256, J here minus J nearby", m,
        sum(square(batch_jacobian(m.h, m.x) - batch_jacobian(h, near))));
}

}  // namespace

int main() {
  std::printf("| encoder and penalty | mse alone | as written | simplified |\n|---|---|---|---|\n");
  print_contractive("784-256", dense({784, 256}));
  print_contractive("784-256-64", dense({784, 256, 64}));
  print_contractive("64-256-64", dense({64, 256, 64}));
  print_contractive("784-32-256", dense({784, 32, 256}));
  print_contractive("16-256-256", dense({16, 256, 256}));
  print_contractive("784-256-128-32", dense({784, 256, 128, 32}));
  print_contractive("16-256-256-64", dense({16, 256, 256, 64}));
  print_contractive("conv 1 to 16 on 28x29", convolution(Shape{32, 1, 28, 29}, Shape{16, 1, 3, 3}));
  print_contractive("conv 16 to 32 on 14x15",
                    convolution(Shape{32, 16, 14, 15}, Shape{32, 16, 3, 3}));
  print_contractive("conv 1 to 16, then dense 64", convolution_then_dense());
  print_contractive("softmax, 784-64", dense({784, 64}, true));
  const Model one = dense({784, 256}), two = dense({784, 256, 64});
  const Var j = batch_jacobian(one.h, one.x);
  print("784-256, sum of abs(J)", one, sum(abs(j)));
  print("784-256, sum of log(1 + J^2)", one, sum(log(1 + square(j))));
  print_beside();
  print("784-256, norm an example", one, sum(sqrt(sum(square(j), {1, 2}))));
  print("784-256-64, norm an example", two,
        sum(sqrt(sum(square(batch_jacobian(two.h, two.x)), {1, 2}))));
  print("784-256, Hutchinson", one, sum(square(vjp(one.h, {one.x}, input(one.h.shape()))[0])));
}

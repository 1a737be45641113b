#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string_view>

#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/contract_support.h"
#include "tests/autograd/support.h"

// The documented costs of the contraction normal form, convolutional encoders.

namespace hourglass {
namespace {

using namespace testing;

struct LayerShapes {
  Shape image;   // [B, C, H, W]
  Shape weight;  // [O, C / groups, h, w]
  ConvOptions options;
};

// Sigmoid of a convolution and its bias; the decoder is the same weight's input gradient.
AutoencoderGraph conv_layer(const LayerShapes& g, DType dtype) {
  AutoencoderGraph model;
  model.batch = static_cast<double>(g.image[0]);
  model.x = numbers(g.image, dtype);
  const Var w = numbers(g.weight, dtype);
  const Var b = numbers(Shape{g.weight[0], 1, 1}, dtype);
  model.parameters = {w, b};
  model.h = sigmoid(conv2d(model.x, w, g.options) + b);
  const Var y = conv2d_input_gradient(model.h, w, {g.image[2], g.image[3]}, g.options);
  model.mse = sum(square(y - model.x)) / model.batch;
  return model;
}

Case contractive_case(const LayerShapes& g, DType dtype) {
  const AutoencoderGraph model = conv_layer(g, dtype);
  return with_penalty(model, contractive(model));
}

const LayerShapes kFirst = {Shape{32, 1, 28, 29}, Shape{16, 1, 3, 3}, same_conv(2, 1)};
const LayerShapes kSecond = {Shape{32, 16, 14, 15}, Shape{32, 16, 3, 3}, same_conv(2, 1)};

TEST_CASE("one convolution's penalty costs next to nothing") {
  struct Row {
    LayerShapes geometry;
    double mse, multiply_adds;
  };
  for (const Row& row : {Row{kFirst, 5.8, 6.7}, Row{kSecond, 42.3, 42.8}}) {
    const Case mse = plain(conv_layer(row.geometry, kF32));
    const Case test = contractive_case(row.geometry, kF32);
    check_cost(mse, row.mse, 0.11);
    check_cost(test, row.multiply_adds, 0.11);
    CHECK(largest_product(engine(test)) <= largest_product(engine(mse)));
    CHECK(graph_cost(engine(test)).largest_buffer <= graph_cost(engine(mse)).largest_buffer);
  }
}

// Small ones of every kind, for values; their large sisters, for costs.
std::vector<LayerShapes> kinds(bool large) {
  const std::int64_t b = large ? 32 : 2, c = large ? 8 : 2, o = large ? 16 : 4;
  const std::int64_t h = large ? 28 : 6, w = large ? 29 : 7;
  const auto image = [&](std::int64_t channels) { return Shape{b, channels, h, w}; };
  return {
      {image(1), Shape{o, 1, 3, 3}, same_conv(2, 1)},
      {image(c), Shape{o, c, 3, 2}, same_conv(1, 0)},
      {image(c), Shape{o, c, 3, 3}, {.stride = {2, 1}, .padding = {1, 1, 1, 1}}},
      {image(c), Shape{o, c, 2, 3}, {.padding = {1, 2, 1, 1}, .dilation = {2, 3}}},
      {image(c), Shape{o, 1, 3, 3}, {.stride = {2, 2}, .padding = {1, 1, 1, 1}, .groups = c}},
      {image(2 * c), Shape{o, c, 3, 3}, {.stride = {1, 2}, .padding = {2, 0, 0, 1}, .groups = 2}},
      {image(c), Shape{o, c, 3, 3}, {.stride = {3, 2}, .padding = {0, 2, 1, 0}}},
      {image(c), Shape{o, c, 1, 1}, {}},
      {image(2 * c),
       Shape{o, c, 2, 2},
       {.stride = {2, 1}, .padding = {1, 0, 0, 2}, .dilation = {1, 2}, .groups = 2}},
  };
}

TEST_CASE("a convolution's penalty and its gradient are those of brute force, in any geometry") {
  for (const LayerShapes& g : kinds(false)) {
    CAPTURE(to_string(g.weight));
    const AutoencoderGraph model = conv_layer(g, kF64);
    const Var j = batch_jacobian(model.h, model.x);
    check_values(with_penalty(model, sum(square(j))));
    check_values(with_penalty(model, sum(abs(j)) + sum(sqrt(sum(square(j), {1, 2, 3, 4, 5, 6})))));
  }
}

TEST_CASE("strides, dilations, groups and uneven padding are as cheap as any convolution") {
  for (const LayerShapes& g : kinds(true)) {
    CAPTURE(to_string(g.weight));
    const std::vector<Var> mse = engine(plain(conv_layer(g, kF32)));
    const std::vector<Var> test = engine(contractive_case(g, kF32));
    CHECK(graph_cost(test).multiply_adds <= 1.25 * graph_cost(mse).multiply_adds);
    CHECK(graph_cost(test).largest_buffer <= graph_cost(mse).largest_buffer);
    CHECK(largest_product(test) <= largest_product(mse));
  }
}

TEST_CASE("a kernel of one place is an identity on positions, and other functions commute") {
  const LayerShapes g = {Shape{2, 1, 3, 2}, Shape{1, 1, 1, 1}, {}};
  const Var x = numbers(g.image, kF64);
  const Var j = batch_jacobian(conv2d(x, full(g.weight, 1, kF64)), x);
  const Var y = sum(exp(j)) + sum(tanh(j));
  CHECK(distance(simplify({y})[0], y) < 1e-14);
}

// The mirror case: tangents, of which one reaches every channel and position of the image.
TEST_CASE("the Jacobian of a transposed convolution opens, too") {
  for (const LayerShapes& g : kinds(false)) {
    const Shape code = conv2d(numbers(g.image, kF64), numbers(g.weight, kF64), g.options).shape();
    const Var h = numbers(code, kF64), w = numbers(g.weight, kF64);
    const Var y = tanh(conv2d_input_gradient(h, w, {g.image[2], g.image[3]}, g.options));
    const Case test = {sum(square(batch_jacobian(y, h))), {w, h}};
    check_values(test);
    CHECK(graph_cost(engine(test)).multiply_adds < graph_cost(brute(test)).multiply_adds / 2);
  }
}

LayerShapes random_shapes(std::mt19937& random) {
  const auto below = [&](std::uint32_t n) { return static_cast<std::int64_t>(random() % n); };
  const std::int64_t groups = 1 + below(3), in = 1 + below(2), out = groups * (1 + below(2));
  ConvOptions options{.stride = {1 + below(3), 1 + below(3)},
                      .padding = {below(3), below(3), below(3), below(3)},
                      .dilation = {1 + below(3), 1 + below(3)},
                      .groups = groups};
  const Shape weight{out, in, 1 + below(3), 1 + below(3)};
  const auto image = [&](std::size_t k) {  // no smaller than the kernel's reach
    const std::int64_t reach = options.dilation[k] * (weight[static_cast<int>(k) + 2] - 1) + 1;
    return std::max<std::int64_t>(
        1, reach - options.padding[2 * k] - options.padding[2 * k + 1] + below(5));
  };
  return {Shape{1 + below(2), groups * in, image(0), image(1)}, weight, options};
}

TEST_CASE("random convolutions: the penalty and its gradient are those of brute force") {
  std::mt19937 random(1);
  const char* full = std::getenv("HOURGLASS_FULL");
  const int count = full && std::string_view(full) == "1" ? 2000 : 60;
  for (int i = 0; i < count; ++i) {
    const LayerShapes g = random_shapes(random);
    CAPTURE(i);
    CAPTURE(to_string(g.image));
    CAPTURE(to_string(g.weight));
    check_values(contractive_case(g, kF64));
  }
}

// A dense code above a convolution; the reconstruction is the convolution's own.
Case conv_then_dense(const LayerShapes& g, std::int64_t codes, DType dtype) {
  AutoencoderGraph model = conv_layer(g, dtype);
  const std::int64_t n = model.h.elements() / g.image[0];
  const Var w = numbers(Shape{codes, n}, dtype), b = numbers(Shape{codes}, dtype);
  model.parameters.insert(model.parameters.end(), {w, b});
  model.h = sigmoid(matmul(reshape(model.h, Shape{g.image[0], n}), w, false, true) + b);
  return with_penalty(model, contractive(model));
}

TEST_CASE("a dense layer above a convolution costs what is documented") {
  check_cost(conv_then_dense(kFirst, 64, kF32), 280, 6.9);
  check_values(conv_then_dense({Shape{2, 1, 5, 6}, Shape{3, 1, 3, 3}, same_conv(2, 1)}, 4, kF64));
}

}  // namespace
}  // namespace hourglass

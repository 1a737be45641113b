// Layers against numbers by hand and closed forms; their gradients by differences; what they say
// to an input of another rank.

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/check/gradcheck.h"
#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "nn/layers/conv.h"
#include "nn/layers/dropout.h"
#include "nn/layers/embedding.h"
#include "nn/layers/mlp.h"
#include "nn/layers/model_file.h"
#include "nn/layers/norm.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using doctest::Approx;

namespace {

using Numbers = std::vector<double>;

Var f32(const std::vector<float>& values, const Shape& shape) {
  return constant(Tensor::from(values, shape));
}

Var noise(const Shape& shape) { return constant(normal(key_of(5), "noise", 0, shape)); }

template <class Model>
std::vector<std::string> listed(Model& model) {
  std::vector<std::string> all;
  for (const nn::NamedParameter& p : nn::named_parameters(model)) {
    all.push_back(p.name + " " + to_string(p.parameter.shape()) +
                  (p.role == nn::Role::kState ? " state" : ""));
  }
  return all;
}

// The gradient of a scalar function of the layer's output in all weights and in x.
template <class Model, class F>
bool gradients_hold(Model& model, F f, const Tensor& x) {
  std::vector<Var> parameters = nn::trained_parameters(model);
  const Var seen = parameter(x).named("x");
  parameters.push_back(seen);
  return gradcheck(sum(square(f(seen)) + f(seen)), parameters).passed;
}

}  // namespace

TEST_CASE("a conv2d of any stride, padding, dilation and groups is that of the numbers") {
  nn::InitSource source(1);
  nn::Conv2d conv = nn::make_conv2d(
      2, 2, {1, 2}, {.stride = {1, 2}, .padding = {0, 0, 1, 0}, .dilation = {1, 2}, .groups = 2},
      nn::Init::kTorch, source);
  CHECK(listed(conv) == std::vector<std::string>{"weight [2, 1, 1, 2]", "bias [2]"});
  conv.weight.assign(Tensor::from<float>({1, 10, 2, 20}, {2, 1, 1, 2}));
  conv.bias.assign(Tensor::from<float>({0.5F, -0.5F}, {2}));
  // One zero to the left: of 0 1 2 3 4 the windows are (0, 2) and (2, 4).
  const Var x = f32({1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 1, 4});
  CHECK(conv(x).value().values() ==
        Numbers{0 + 20 + 0.5, 2 + 40 + 0.5, 0 + 120 - 0.5, 12 + 160 - 0.5});
  CHECK(gradients_hold(conv, conv, noise({2, 2, 3, 4}).value()));
}

TEST_CASE("a conv1d is a sliding product, its transpose spreads each number over the kernel") {
  nn::InitSource source(1);
  nn::Conv1d conv = nn::make_conv1d(1, 1, 2, {.stride = 2}, nn::Init::kTorch, source);
  conv.weight.assign(Tensor::from<float>({1, 10}, {1, 1, 2}));
  conv.bias.assign(Tensor::from<float>({0.5F}, {1}));
  CHECK(conv(f32({1, 2, 3, 4}, {1, 1, 4})).value().values() == Numbers{21.5, 43.5});
  CHECK(gradients_hold(conv, conv, noise({2, 1, 5}).value()));

  nn::ConvTranspose1d back =
      nn::make_conv_transpose1d(1, 2, 2, {.stride = 2}, nn::Init::kTorch, source, false);
  back.output_padding = 1;
  CHECK(listed(back) == std::vector<std::string>{"weight [1, 2, 2]"});
  back.weight.assign(Tensor::from<float>({1, 10, 2, 20}, {1, 2, 2}));
  const Tensor y = back(f32({3, 4}, {1, 1, 2})).value();
  CHECK(y.shape() == Shape{1, 2, 5});
  CHECK(y.values() == Numbers{3, 30, 4, 40, 0, 6, 60, 8, 80, 0});
  CHECK(gradients_hold(back, back, noise({2, 1, 3}).value()));
}

TEST_CASE("a transposed conv2d is the adjoint of the conv2d of the same weights") {
  nn::InitSource source(1);
  const ConvOptions options{.stride = {2, 1}, .padding = {1, 0, 1, 1}, .dilation = {1, 2}};
  nn::Conv2d conv = nn::make_conv2d(3, 4, {3, 2}, options, nn::Init::kTorch, source, false);
  nn::ConvTranspose2d back =
      nn::make_conv_transpose2d(4, 3, {3, 2}, options, nn::Init::kTorch, source, false);
  back.weight = conv.weight;
  const Var x = noise({2, 3, 6, 5});
  const Var y = conv(x);
  back.output_padding = {6 - back(y).size(2), 5 - back(y).size(3)};
  const Var g = constant(normal(key_of(6), "noise", 0, y.shape()));
  CHECK(sum(y * g).value().item() == Approx(sum(x * back(g)).value().item()).epsilon(1e-5));
  CHECK(gradients_hold(back, back, noise({1, 4, 3, 2}).value()));
}

TEST_CASE("a layer norm is of each row, with weight and bias") {
  nn::LayerNorm layer = nn::make_layer_norm({2});
  CHECK(listed(layer) == std::vector<std::string>{"weight [2]", "bias [2]"});
  layer.epsilon = 0;
  layer.weight.assign(Tensor::from<float>({2, 3}, {2}));
  layer.bias.assign(Tensor::from<float>({1, 0}, {2}));
  // (1, 3) and (10, 4) are -1, 1 and 1, -1 in units of their deviations.
  CHECK(layer(f32({1, 3, 10, 4}, {2, 2})).value().values() == Numbers{-1, 3, 3, -3});
  layer.epsilon = 1e-5;
  CHECK(gradients_hold(layer, layer, noise({3, 2}).value()));
  nn::LayerNorm images = nn::make_layer_norm({2, 3});
  const Tensor y = images(5 + 3 * noise({4, 2, 3})).value();
  for (std::int64_t row = 0; row < 4; ++row) {
    CHECK(mean(constant(y.rows(row, row + 1))).value().item() == Approx(0).scale(1).epsilon(1e-5));
    CHECK(mean(square(constant(y.rows(row, row + 1)))).value().item() == Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("a batch norm takes the batch's statistics in training, and the running ones after") {
  nn::BatchNorm layer = nn::make_batch_norm(2);
  CHECK(listed(layer) == std::vector<std::string>{"weight [2]", "bias [2]",
                                                  "running_mean [2] state",
                                                  "running_var [2] state"});
  CHECK(nn::trained_parameters(layer).size() == 2);
  layer.epsilon = 0;
  layer.weight.assign(Tensor::from<float>({2, 1}, {2}));
  layer.bias.assign(Tensor::from<float>({0, 5}, {2}));
  // Channel 0 has 1, 3 and channel 1 has 10, 30: deviations 1 and 10, variances by n - 1 2 and 200.
  const Var x = input({2, 2});
  Step step = make_step(1);
  const Var y = layer(x, step);
  Program train = compile(step, {y}, {.inputs = {x}});
  const Tensor batch = Tensor::from<float>({1, 10, 3, 30}, {2, 2});
  CHECK(train.run({batch})[0].values() == Numbers{-2, 4, 2, 6});
  CHECK(layer.running_mean.tensor().at(0) == Approx(0.1 * 2));
  CHECK(layer.running_mean.tensor().at(1) == Approx(0.1 * 20));
  CHECK(layer.running_var.tensor().at(0) == Approx(0.9 + 0.1 * 2));
  CHECK(layer.running_var.tensor().at(1) == Approx(0.9 + 0.1 * 200));
  train.run({batch});
  CHECK(layer.running_mean.tensor().at(0) == Approx(0.9 * 0.2 + 0.1 * 2));
  Step after = make_step(1, false);
  const std::size_t updates = after.updates.size();
  layer.running_mean.assign(Tensor::from<float>({1, 0}, {2}));
  layer.running_var.assign(Tensor::from<float>({4, 1}, {2}));
  CHECK(layer(constant(batch), after).value().values() == Numbers{0, 15, 2, 35});
  CHECK(after.updates.size() == updates);
}

TEST_CASE("a batch norm's gradients go through the batch's statistics, of images by channel") {
  nn::BatchNorm layer = nn::make_batch_norm(3);
  Step step = make_step(1);
  CHECK(gradients_hold(
      layer, [&](const Var& x) { return layer(x, step); }, noise({2, 3, 2, 2}).value()));
  const Tensor y = layer(4 + 2 * noise({5, 3, 4}), step).value();
  const Tensor means = mean(constant(y), {0, 2}).value();
  for (int c = 0; c < 3; ++c) CHECK(means.at(c) == Approx(0).scale(1).epsilon(1e-5));
}

TEST_CASE(
    "dropout keeps the expectation in training, each layer by draws of its own, and is not "
    "there after") {
  const nn::Dropout a = nn::make_dropout(0.25), b = nn::make_dropout(0.25, "second");
  const Var x = full({100, 100}, 3);
  Step step = make_step(1);
  const Tensor y = a(x, step).value();
  double zeros = 0;
  for (double v : y.values()) {
    zeros += v == 0;
    CHECK((v == 0 || v == Approx(4)));
  }
  CHECK(zeros / 10000 == Approx(0.25).epsilon(0.1));  // seven deviations
  CHECK_FALSE(y.identical(b(x, step).value()));
  CHECK_THROWS_WITH_AS(a(x, step),
                       "step: the draws dropout are another's in this step: give the layer or "
                       "model a name, or a LabelScope, of its own",
                       Error);
  {
    const LabelScope scope("decoder");
    CHECK_FALSE(y.identical(a(x, step).value()));
  }
  Step again = make_step(1);
  CHECK(y.identical(a(x, again).value()));
  Step after = make_step(1, false);
  CHECK(a(x, after).same(x));
  CHECK_THROWS_WITH_AS(nn::make_dropout(1),
                       "dropout: the probability must be at least 0 and below 1: got 1", Error);
}

TEST_CASE("an embedding is the rows that its indices name") {
  nn::InitSource source(1);
  nn::Embedding layer = nn::make_embedding(3, 2, source);
  layer.weight.assign(Tensor::from<float>({1, 2, 3, 4, 5, 6}, {3, 2}));
  const Var indices = constant(Tensor::from<std::int32_t>({2, 0, 0}, {1, 3}));
  const Var y = layer(indices);
  CHECK(y.shape() == Shape{1, 3, 2});
  CHECK(y.value().values() == Numbers{5, 6, 1, 2, 1, 2});
  CHECK(grad(sum(y), layer.weight).value().values() == Numbers{2, 2, 0, 0, 1, 1});
}

TEST_CASE("an mlp is its layers in turn, named as an nn.Sequential") {
  nn::InitSource source(1);
  nn::Mlp mlp = nn::make_mlp({2, 3, 1}, nn::Activation::kRelu, nn::Activation::kIdentity,
                             nn::Init::kTorch, source);
  CHECK(listed(mlp) ==
        std::vector<std::string>{"0.weight [3, 2]", "0.bias [3]", "2.weight [1, 3]", "2.bias [1]"});
  const Var x = noise({4, 2});
  const Var hidden = relu(mlp.layers[0].linear(x));
  CHECK(mlp(x).value().identical(mlp.layers[1].linear(hidden).value()));
  CHECK_THROWS_WITH_AS(mlp(input({8, 5})),
                       "linear: input width differs: x=[8, 5], weight=[3, 2]: expected [B, 2]",
                       Error);
}

TEST_CASE("an input of another rank or width is refused in the layer's own name") {
  nn::InitSource source(1);
  const auto torch = nn::Init::kTorch;
  Step step = make_step(1);
  const Var x = input({8, 784});
  CHECK_THROWS_WITH_AS(nn::make_conv2d(3, 4, {3, 3}, {}, torch, source)(x),
                       "conv2d: expected [B, 3, H, W]: got x=[8, 784]", Error);
  CHECK_THROWS_WITH_AS(nn::make_conv1d(3, 4, 3, {}, torch, source)(x),
                       "conv1d: expected [B, 3, L]: got x=[8, 784]", Error);
  CHECK_THROWS_WITH_AS(nn::make_conv_transpose2d(3, 4, {3, 3}, {}, torch, source)(x),
                       "conv_transpose2d: expected [B, 3, H, W]: got x=[8, 784]", Error);
  CHECK_THROWS_WITH_AS(nn::make_conv_transpose1d(3, 4, 3, {}, torch, source)(x),
                       "conv_transpose1d: expected [B, 3, L]: got x=[8, 784]", Error);
  CHECK_THROWS_WITH_AS(nn::make_layer_norm({3})(x),
                       "layer_norm: expected a last part [3]: got x=[8, 784]", Error);
  CHECK_THROWS_WITH_AS(nn::make_batch_norm(3)(x, step),
                       "batch_norm: expected [B, 3] or [B, 3, ...]: got x=[8, 784]", Error);
  CHECK_THROWS_WITH_AS(nn::make_batch_norm(3)(input({1, 3}), step),
                       "batch_norm: in training a channel needs two numbers: got x=[1, 3]", Error);
  CHECK_THROWS_WITH_AS(nn::make_embedding(3, 2, source)(x),
                       "embedding: expected i32 indices: got f32", Error);
  CHECK_THROWS_WITH_AS(
      nn::make_conv2d(3, 4, {3, 3}, {.groups = 2}, torch, source),
      "conv2d: channels and kernel must be at least 1, and groups divide the channels: in=3, "
      "out=4, kernel=[3, 3], groups=2",
      Error);
  CHECK_THROWS_WITH_AS(
      nn::make_conv_transpose2d(4, 3, {3, 3}, {.groups = 2}, torch, source),
      "conv_transpose2d: channels and kernel must be at least 1, and groups divide the channels: "
      "in=4, out=3, kernel=[3, 3], groups=2",
      Error);
}

TEST_CASE("a layer that nobody made, and an input of another dtype, are refused in its name") {
  nn::InitSource source(1);
  Step step = make_step(1);
  const Var bytes = input({8, 3}, DType::kU8), wide = input({8, 3}, DType::kF64), x = input({8, 3});
  const auto refused = [](const auto& f, const char* text) {
    CHECK_THROWS_WITH_AS(f(), text, Error);
  };
  refused([&] { nn::Linear{}(x); }, "linear: the layer has no weights: nn::make_linear makes one");
  refused([&] { nn::Conv1d{}(x); }, "conv1d: the layer has no weights: nn::make_conv1d makes one");
  refused([&] { nn::Conv2d{}(x); }, "conv2d: the layer has no weights: nn::make_conv2d makes one");
  refused([&] { nn::ConvTranspose1d{}(x); },
          "conv_transpose1d: the layer has no weights: nn::make_conv_transpose1d makes one");
  refused([&] { nn::ConvTranspose2d{}(x); },
          "conv_transpose2d: the layer has no weights: nn::make_conv_transpose2d makes one");
  refused([&] { nn::LayerNorm{}(x); },
          "layer_norm: the layer has no weights: nn::make_layer_norm makes one");
  refused([&] { nn::BatchNorm{}(x, step); },
          "batch_norm: the layer has no weights: nn::make_batch_norm makes one");
  refused([&] { nn::Embedding{}(x); },
          "embedding: the layer has no weights: nn::make_embedding makes one");
  const nn::Linear linear = nn::make_linear(3, 2, nn::Init::kTorch, source);
  refused([&] { linear(bytes); },
          "linear: dtypes differ: x is u8, the weights are f32: use cast(x, DType::kF32)");
  refused([&] { linear(Var()); },
          "linear: input width differs: x=none, weight=[2, 3]: expected [B, 3]");
  refused([&] { nn::make_conv1d(3, 4, 3, {}, nn::Init::kTorch, source)(bytes); },
          "conv1d: dtypes differ: x is u8, the weights are f32: use cast(x, DType::kF32)");
  refused([&] { nn::make_layer_norm({3})(bytes); },
          "layer_norm: dtypes differ: x is u8, the weights are f32: use cast(x, DType::kF32)");
  refused([&] { nn::make_batch_norm(3)(wide, step); },
          "batch_norm: dtypes differ: x is f64, the weights are f32: use cast(x, DType::kF32)");
  refused([&] { nn::Dropout{}(bytes, step); },
          "dropout: numbers must be f32 or f64: a=[8, 3]: got u8: use cast(x, DType::kF32)");
  refused([&] { nn::Dropout{2}(x, step); },
          "dropout: the probability must be at least 0 and below 1: got 2");
  refused([&] { nn::make_layer_norm({}); },
          "layer_norm: needs axes of sizes of at least 1: got []");
}

TEST_CASE("any model's parameters, state included, are saved and loaded by what it visits") {
  struct Net {
    nn::InitSource source{1};
    nn::Linear top = nn::make_linear(2, 3, nn::Init::kTorch, source);
    nn::BatchNorm norm = nn::make_batch_norm(3);
    void visit(const nn::Visitor& visitor) {
      top.visit(nn::prefixed(visitor, "top"));
      norm.visit(nn::prefixed(visitor, "norm"));
    }
  };
  const test::TempFolder folder;
  const std::string path = folder / "net.safetensors";
  Net saved, loaded, other;
  saved.top.weight.assign(Tensor::from<float>({1, 2, 3, 4, 5, 6}, {3, 2}));
  saved.norm.running_var.assign(Tensor::from<float>({7, 8, 9}, {3}));
  nn::save_parameters(path, nn::named_parameters(saved));
  nn::load_parameters(path, nn::named_parameters(loaded));
  CHECK(loaded.top.weight.tensor().identical(saved.top.weight.tensor()));
  CHECK(loaded.norm.running_var.tensor().at(2) == 9);
  other.top = nn::make_linear(4, 3, nn::Init::kTorch, other.source);
  CHECK_THROWS_WITH_AS(
      nn::load_parameters(path, nn::named_parameters(other)),
      ("load_model: " + path + ": top.weight is f32 [3, 2]: expected f32 [3, 4]").c_str(),
      FileError);
}

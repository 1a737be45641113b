#include "ae/model/conv.h"

#include <doctest/doctest.h>

#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "autograd/check/gradcheck.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using namespace hourglass::ae;
using testing::names_of;

namespace {

Spec small_spec() {
  Spec spec;
  spec.input = {1, 7, 6};
  spec.encoder = {42};
  spec.conv = {{.channels = 2, .stride = 2}, {.channels = 3, .stride = 2}};
  spec.hidden = nn::Activation::kTanh;
  return spec;
}

Spec pool_spec() {
  Spec spec;
  spec.input = {1, 4, 8};
  spec.encoder = {32, 3};
  spec.conv = {{.channels = 2, .pool = 2}, {.channels = 2, .pool = 2}};
  spec.hidden = nn::Activation::kTanh;
  return spec;
}

Tensor images(std::int64_t n, std::int64_t width) {
  return uniform(key_of(8), "images", 0, {n, width}, 0, 1, DType::kF32);
}

// 2 channels of 9 steps: a window of a recording.
Spec series_spec() {
  Spec spec;
  spec.input = {2, 9};
  spec.encoder = {18, 3};
  spec.conv = {{.channels = 4, .kernel = {1, 5}, .stride = {1, 2}, .padding = {0, 2}},
               along_time({.channels = 3, .stride = 2})};
  spec.hidden = nn::Activation::kTanh;
  return spec;
}

// Colour, and nothing of it square.
Spec colour_spec() {
  Spec spec;
  spec.input = {3, 6, 5};
  spec.encoder = {90, 3};
  spec.conv = {{.channels = 4, .kernel = {3, 5}, .stride = {2, 1}, .padding = {1, 2}},
               {.channels = 2, .kernel = {1, 3}, .padding = {0, 1}, .pool = {3, 5}}};
  spec.hidden = nn::Activation::kTanh;
  return spec;
}

}  // namespace

TEST_CASE("maps shrink by strides and pooling, and the decoder gives the image's size back") {
  const std::vector<MapSize> sizes = map_sizes(small_spec().input, small_spec().conv);
  CHECK(sizes[1] == MapSize{2, 4, 3});
  CHECK(sizes[2] == MapSize{3, 2, 2});
  CHECK(small_spec().code_width() == 12);
  for (const Upsampling up : {Upsampling::kTransposed, Upsampling::kNearest}) {
    for (Spec spec : {small_spec(), pool_spec(), series_spec(), colour_spec()}) {
      spec.upsampling = up;
      const Autoencoder model = make_autoencoder(spec, 1);
      const Var x = constant(images(5, spec.input_width()));
      CHECK(model.encode(x).code.shape() == Shape{5, spec.code_width()});
      CHECK(model.reconstruct(x).shape() == x.shape());
      CHECK(model.decode(model.encode(x)).shape() == x.shape());
      CHECK(spec_from_json(to_json(spec)) == spec);
    }
  }
}

TEST_CASE("convolutional parameters are named and laid out as an nn.Sequential's") {
  CHECK(names_of(make_autoencoder(small_spec(), 0)) ==
        std::vector<std::string>{"encoder.0.weight", "encoder.0.bias", "encoder.2.weight",
                                 "encoder.2.bias", "decoder.0.weight", "decoder.0.bias",
                                 "decoder.2.weight", "decoder.2.bias"});
  // Conv, Tanh, MaxPool, Conv, Tanh, MaxPool, Flatten, Linear; Linear, Tanh, Unflatten, unpool, ...
  CHECK(names_of(make_autoencoder(pool_spec(), 0)) ==
        std::vector<std::string>{"encoder.0.weight", "encoder.0.bias", "encoder.3.weight",
                                 "encoder.3.bias", "encoder.7.weight", "encoder.7.bias",
                                 "decoder.0.weight", "decoder.0.bias", "decoder.4.weight",
                                 "decoder.4.bias", "decoder.7.weight", "decoder.7.bias"});
  Spec tied = small_spec();
  tied.tied = true;
  CHECK(names_of(make_autoencoder(tied, 0)).size() == 6);
  const Autoencoder model = make_autoencoder(small_spec(), 0);
  CHECK(model.conv_encoder.layers[1].weight.shape() == Shape{3, 2, 3, 3});
  CHECK(model.conv_decoder.layers[0].weight.shape() == Shape{3, 2, 3, 3});  // [in, out, k, k]
}

TEST_CASE("a tied linear convolutional decoder is the encoder's adjoint") {
  Spec spec = small_spec();
  spec.tied = true;
  spec.hidden = spec.code = spec.output = nn::Activation::kIdentity;
  Autoencoder model = make_autoencoder(spec, 1);
  for (ConvStack* stack : {&model.conv_encoder, &model.conv_decoder}) {
    for (auto& l : stack->layers) l.bias.assign(Tensor(l.bias.shape(), DType::kF32));
  }
  const Var x = constant(images(1, 42)), h = constant(images(1, 12));
  const double forward = sum(model.encode(x).code * h).value().item();
  CHECK(forward ==
        doctest::Approx(sum(x * model.decode({.code = h})).value().item()).epsilon(1e-5));
}

TEST_CASE("unpooling puts values where they were, and into corners where nobody knows") {
  Spec spec = pool_spec();
  spec.encoder = {32};
  spec.conv = {{.channels = 1, .kernel = 1, .padding = 0, .pool = 2}};
  spec.hidden = spec.code = spec.output = nn::Activation::kIdentity;
  Autoencoder model = make_autoencoder(spec, 1);
  for (ConvStack* stack : {&model.conv_encoder, &model.conv_decoder}) {
    stack->layers[0].weight.assign(Tensor::from<float>({1}, {1, 1, 1, 1}));
    stack->layers[0].bias.assign(Tensor(Shape{1}, DType::kF32));
  }
  const Var x = constant(images(1, 32));
  const Tensor pixels = x.value(), back = model.reconstruct(x).value();
  const Tensor corners = model.decode({.code = model.encode(x).code}).value();
  int kept = 0;
  for (std::int64_t i = 0; i < 32; ++i) {
    if (back.at(i) != 0) CHECK(back.at(i) == pixels.at(i));
    kept += back.at(i) != 0;
    const bool corner = (i / 8) % 2 == 0 && i % 2 == 0;
    CHECK((corners.at(i) != 0) == corner);
  }
  CHECK(kept == 8);
}

TEST_CASE("convolutions train with every other part, with the right gradient at trained weights") {
  const std::vector<const char*> penalties = {"l1:0.1", "contractive:0.1", "hutchinson:0.1",
                                              "caeh:0.1,0.3", "mmd:2"};
  for (int i = 0; i < 21; ++i) {
    Spec spec = i % 3 == 0 ? small_spec() : pool_spec();
    if (i >= 15) spec = i % 2 == 0 ? series_spec() : colour_spec();
    if (i % 3 == 2) spec.upsampling = Upsampling::kNearest;
    spec.tied = i % 3 != 2 && i % 2 == 1;
    spec.loss = Loss::kBce;
    if (i % 4 == 1) spec.rule = ae::TopK{.active = 2};
    if (i % 4 == 2 && i % 3 != 0) spec.rule = Gaussian{.samples = 2};
    if (i % 4 == 3) spec.rule = Quantised{.entries = 4, .entry_width = 3};
    if (i % 2 == 0) spec.corruption = {{Noise::kGaussian, 0.2}};
    spec.penalties = {Penalty::from_text(penalties[static_cast<std::size_t>(i % 5)])};
    CAPTURE(to_json(spec));
    Autoencoder model = make_autoencoder(spec, 3);
    const Tensor data = images(16, spec.input_width());
    const nn::TrainResult result =
        train(model, {data}, {.epochs = 2, .batch = 8, .learning_rate = 5e-3});
    CHECK(result.outcome == nn::Outcome::kDone);
    Step step = make_step(1);
    const nn::Objective o = objective(model, constant(data.rows(0, 3)), step);
    const CheckReport report =
        gradcheck(o.loss, model.parameters(), {},
                  {.tolerance = 1e-6, .max_elements = 4, .directions = 4, .samples = 1});
    INFO(to_string(report));
    CHECK(report.passed);
  }
}

TEST_CASE("a series is a stack of one row: kernels along time, weights 4-d, files of either form") {
  const Spec spec = series_spec();
  const std::vector<MapSize> sizes = map_sizes(spec.input, spec.conv);
  CHECK(sizes[0] == MapSize{2, 1, 9});
  CHECK(sizes[1] == MapSize{4, 1, 5});
  CHECK(sizes[2] == MapSize{3, 1, 3});
  Autoencoder model = make_autoencoder(spec, 1);
  CHECK(model.conv_encoder.layers[0].weight.shape() == Shape{4, 2, 1, 5});
  CHECK(model.conv_decoder.layers[1].weight.shape() == Shape{4, 2, 1, 5});
  CHECK(to_json(spec).find("\"kernel\":[1,5]") != std::string::npos);
  // The same numbers by a convolution over [B, C, L].
  const Var x = constant(images(3, 18));
  const ConvStack::Layer& first = model.conv_encoder.layers[0];
  const Var direct = conv1d(reshape(x, Shape{3, 2, 9}), reshape(first.weight, Shape{4, 2, 5}),
                            {.stride = 2, .padding = {2, 2}});
  Spec one = spec;
  one.encoder = {18};
  one.conv = {spec.conv[0]};
  Autoencoder alone = make_autoencoder(one, 1);
  alone.conv_encoder.layers[0].weight.assign(first.weight.tensor());
  alone.conv_encoder.layers[0].bias.assign(Tensor(Shape{4}, DType::kF32));
  const Tensor expected = direct.value(), got = alone.encode(x).code.value();
  for (std::int64_t i = 0; i < expected.elements(); ++i) {
    CHECK(got.at(i) == doctest::Approx(expected.at(i)).epsilon(1e-5));
  }
}

TEST_CASE("a file from before there were other inputs says image, in vain where there is no conv") {
  const char* kConv = R"({"encoder": [42], "image": [1, 7, 6], "conv": [{"stride": 2}]})";
  const Spec spec = spec_from_json(kConv);
  CHECK(spec.input == std::vector<std::int64_t>{1, 7, 6});
  CHECK(spec.conv[0].kernel == Size2d(3));
  CHECK(spec_from_json(R"({"encoder": [9, 4], "image": [1, 28, 28]})").input.empty());
}

TEST_CASE("images whose size does not survive are refused, naming the layer") {
  const auto refused = [](auto change, const char* text) {
    Spec spec = small_spec();
    change(spec);
    CHECK_THROWS_WITH_AS(make_autoencoder(spec, 0), text, Error);
  };
  refused([](Spec& s) { s.conv = {{.pool = 2}}; },
          "spec: conv.0: images of 7 by 6 do not survive: 7 is not a multiple of the pooling's 2");
  refused(
      [](Spec& s) {
        s.conv = {{.stride = 2}, {.kernel = 2, .stride = 3, .padding = 0}};
      },
      "spec: conv.1: images of 4 by 3 do not survive: a stride of 3 leaves 2 of 4 unread");
  refused([](Spec& s) { s.conv = {{.kernel = 9, .padding = 0}}; },
          "spec: conv.0: images of 7 by 6 do not survive: the kernel is 9 wide");
  refused([](Spec& s) { s.conv = {{.channels = 0}}; },
          "spec: conv.0: channels must be at least 1: got 0");
  refused([](Spec& s) { s.conv = {{.padding = 3}}; },
          "spec: conv.0: padding must be 0 to 2, less than the kernel: got 3");
  refused(
      [](Spec& s) {
        s.input = {1, 28, 28};
      },
      "spec: the input is an image of 1 by 28 by 28, 784 numbers: encoder=[42]");
  refused([](Spec& s) { s.input = {}; },
          "spec: convolutions need images or series: the input is a row");
  refused([](Spec& s) { s.input = {42}; },
          "spec: convolutions need images or series: the input is a row of 42 numbers");
  refused(
      [](Spec& s) {
        s.input = {1, 2, 3, 7};
      },
      "spec: input must be [D], [C, T] or [C, H, W], each at least 1: got [1, 2, 3, 7]");
  refused(
      [](Spec& s) {
        s.input = {2, 21};
      },
      "spec: conv.0: a series is one row of steps: expected kernel, stride and pool of 1xN and "
      "padding of 0xN: got 3, 2, 1 and 1");
  refused(
      [](Spec& s) {
        s.input = {2, 21};
        s.conv = {along_time({.pool = 2})};
      },
      "spec: conv.0: a series of 21 steps does not survive: 21 is not a multiple of the pooling's "
      "2");
  refused(
      [](Spec& s) {
        s.conv = {{.kernel = {3, 5}, .padding = {0, 5}}};
      },
      "spec: conv.0: padding must be 0 to 2x4, less than the kernel: got 0x5");
  refused([](Spec& s) { s.rule = Gaussian{}; },
          "spec: a Gaussian code, or a class-conditional one, needs a dense layer after the "
          "convolutions");
  refused(
      [](Spec& s) {
        s.tied = true;
        s.upsampling = Upsampling::kNearest;
      },
      "spec: tied weights need transposed convolutions: the upsampling is nearest");
}

#include "ae/model/stacked.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "ae/measure/metrics.h"
#include "ae/model/objective.h"
#include "autograd/ops/ops.h"
#include "nn/data/digits.h"
#include "tensor/error.h"

using namespace hourglass;
using namespace hourglass::ae;

namespace {

Spec three_layers() {
  Spec spec;
  spec.encoder = {784, 40, 20, 10};
  spec.hidden = spec.code = nn::Activation::kSigmoid;
  spec.loss = Loss::kBce;
  return spec;
}

nn::TrainOptions short_training() {
  nn::TrainOptions options;
  options.epochs = 2;
  options.batch = 50;
  options.learning_rate = 0.01;
  options.seed = 3;
  return options;
}

double error_of(const Autoencoder& model, const Tensor& images) {
  for (const nn::NamedValue& m : reconstruction_metrics(model, images)) {
    if (m.name == "bce_per_image") return m.value;
  }
  return -1;
}

bool same_bits(const Var& a, const Var& b) {
  const Tensor x = a.tensor(), y = b.tensor();
  return std::equal(x.data<float>(), x.data<float>() + x.elements(), y.data<float>());
}

}  // namespace

TEST_CASE("pretraining trains each layer on the codes of the layers below") {
  const Tensor images = nn::digits(500, 1).rows();
  Autoencoder model = make_autoencoder(three_layers(), 3);
  const double before = error_of(model, images);
  std::vector<int> begun;
  const nn::TrainResult result =
      pretrain(model, images, short_training(), [&](int layer, Autoencoder&) {
        begun.push_back(layer);
        return nn::TrainCallbacks{};
      });
  CHECK(result.outcome == nn::Outcome::kDone);
  CHECK(begun == std::vector<int>{0, 1, 2});
  CHECK(error_of(model, images) < 0.9 * before);

  // The first layer is the shallow autoencoder of the images, and nothing else.
  Autoencoder first = make_autoencoder(layer_spec(three_layers(), 0), 3);
  nn::check_trained(train(first, {images}, short_training()));
  CHECK(same_bits(model.encoder.layers[0].linear.weight, first.encoder.layers[0].linear.weight));
  CHECK(same_bits(model.decoder.layers[2].linear.weight, first.decoder.layers[0].linear.weight));

  // The second learns from what the first makes of the clean images.
  Autoencoder second = make_autoencoder(layer_spec(three_layers(), 1), 4);
  const Tensor codes = first.encode(pixels(constant(images))).code.value();
  nn::TrainOptions options = short_training();
  options.seed = 4;
  nn::check_trained(train(second, {codes}, options));
  // The codes above come from the interpreter, those of pretraining from a program: equal to
  // rounding.
  const auto difference = [](const Var& a, const Var& b) { return max(abs(a - b)).value().item(); };
  CHECK(difference(model.encoder.layers[1].linear.weight, second.encoder.layers[0].linear.weight) <
        1e-4);
  CHECK(difference(model.decoder.layers[1].linear.bias, second.decoder.layers[0].linear.bias) <
        1e-4);
}

TEST_CASE("the layer's autoencoder has the whole's ends at the image and sums of squares above") {
  Spec spec = three_layers();
  spec.hidden = nn::Activation::kRelu;
  spec.corruption = {{Noise::kMasking, 0.25}};
  const Spec first = layer_spec(spec, 0), last = layer_spec(spec, 2);
  CHECK(first.encoder == std::vector<std::int64_t>{784, 40});
  CHECK(first.code == nn::Activation::kRelu);
  CHECK(first.output == nn::Activation::kSigmoid);
  CHECK(first.loss == Loss::kBce);
  CHECK(last.encoder == std::vector<std::int64_t>{20, 10});
  CHECK(last.code == nn::Activation::kSigmoid);
  CHECK(last.output == nn::Activation::kRelu);
  CHECK(last.loss == Loss::kMse);
  CHECK(last.corruption == spec.corruption);
}

TEST_CASE("tied layers are pretrained with one weight") {
  Spec spec = three_layers();
  spec.tied = true;
  const Tensor images = nn::digits(200, 1).rows();
  Autoencoder model = make_autoencoder(spec, 3);
  const double before = error_of(model, images);
  CHECK(pretrain(model, images, short_training()).outcome == nn::Outcome::kDone);
  CHECK(error_of(model, images) < before);
}

TEST_CASE("what cannot be trained layer by layer is refused") {
  Spec spec = three_layers();
  spec.rule = ae::TopK{.active = 3};
  Autoencoder model = make_autoencoder(spec, 1);
  CHECK_THROWS_WITH_AS(pretrain(model, nn::digits(10, 1).rows(), short_training()),
                       "pretrain: layers are trained one by one in dense, mirrored models with a "
                       "deterministic code: this one has a code rule",
                       Error);
  spec = three_layers();
  spec.decoder = {10, 30, 784};
  model = make_autoencoder(spec, 1);
  CHECK_THROWS_WITH_AS(pretrain(model, nn::digits(10, 1).rows(), short_training()),
                       "pretrain: layers are trained one by one in dense, mirrored models with a "
                       "deterministic code: this one has a decoder that is not the mirror image",
                       Error);
}

TEST_CASE("layers above the first learn codes as they are: only pixels are made black and white") {
  Spec spec = three_layers();
  spec.binarize = Binarize::kThreshold;
  CHECK(layer_spec(spec, 0).binarize == Binarize::kThreshold);
  CHECK(layer_spec(spec, 1).binarize == Binarize::kNone);
}

TEST_CASE("a penalty that a layer in between cannot have is refused ahead of all work") {
  Spec spec = three_layers();
  spec.hidden = nn::Activation::kRelu;
  spec.penalties = {penalties::kl(0.05, 1)};
  Autoencoder model = make_autoencoder(spec, 0);
  CHECK_THROWS_WITH_AS(pretrain(model, nn::digits(10, 1).rows(), short_training(), {}),
                       "pretrain: layer 1: spec: the penalty kl needs code units between 0 and 1: "
                       "the code activation is relu: expected sigmoid",
                       Error);
}

TEST_CASE("the first layer learns scaled rows, the others the codes below them as they are") {
  Spec spec{.encoder = {6, 5, 3}, .scale = Scale::kStandard, .missing = Missing::kMask};
  spec.output = nn::Activation::kIdentity;
  CHECK(layer_spec(spec, 0).scale == Scale::kStandard);
  CHECK(layer_spec(spec, 0).missing == Missing::kMask);
  CHECK(layer_spec(spec, 1).scale == Scale::kNone);
  CHECK(layer_spec(spec, 1).missing == Missing::kNone);
  Tensor rows = uniform(key_of(2), "rows", 0, {40, 6}, 300, 320, DType::kF64);
  rows.data<double>()[7] = std::nan("");
  Autoencoder model = make_autoencoder(spec, 1);
  nn::check_trained(pretrain(model, rows, {.epochs = 1, .batch = 10}));
  CHECK(model.input.is_set());
  CHECK(model.input.mean.tensor().at(0) == doctest::Approx(310).epsilon(0.02));
}

#include "ae/model/autoencoder.h"

#include <doctest/doctest.h>

#include "ae/model/objective.h"
#include "ae/model/spec.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/step.h"
#include "nn/data/digits.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using ae::Spec;
using testing::names_of;

TEST_CASE("parameters are named as an nn.Sequential with its activations counted would name them") {
  const Spec deep{.encoder = {6, 5, 4, 3}};
  CHECK(names_of(ae::make_autoencoder(deep, 0)) ==
        std::vector<std::string>{"encoder.0.weight", "encoder.0.bias", "encoder.2.weight",
                                 "encoder.2.bias", "encoder.4.weight", "encoder.4.bias",
                                 "decoder.0.weight", "decoder.0.bias", "decoder.2.weight",
                                 "decoder.2.bias", "decoder.4.weight", "decoder.4.bias"});
  Spec linear{.encoder = {6, 5, 3}};
  linear.hidden = nn::Activation::kIdentity;
  linear.tied = true;
  CHECK(names_of(ae::make_autoencoder(linear, 0)) ==
        std::vector<std::string>{"encoder.0.weight", "encoder.0.bias", "encoder.1.weight",
                                 "encoder.1.bias", "decoder.0.bias", "decoder.1.bias"});
}

TEST_CASE("stored pixels are made numbers by the model, not by a cast") {
  const ae::Autoencoder model = ae::make_autoencoder({.encoder = {4, 2}}, 0);
  CHECK_THROWS_WITH_AS(model.encode(constant(Tensor({1, 4}, DType::kU8))),
                       "encode: x is u8: model.scaled(x) makes a model's numbers of stored ones",
                       Error);
}

TEST_CASE("a tied decoder is the transpose of the encoder") {
  Spec spec{.encoder = {4, 3, 2}};
  spec.hidden = spec.code = spec.output = nn::Activation::kIdentity;
  const auto untied = [&] {
    ae::Autoencoder model = ae::make_autoencoder(spec, 9);
    for (std::size_t i : {0u, 1u}) {
      const Var& w = model.encoder.layers[1 - i].linear.weight;
      model.decoder.layers[i].linear.weight.assign(transpose(w).value());
      model.decoder.layers[i].linear.bias.assign(
          Tensor(model.decoder.layers[i].linear.bias.shape(), DType::kF32));
    }
    return model;
  }();
  spec.tied = true;
  ae::Autoencoder tied = ae::make_autoencoder(spec, 9);
  for (auto& layer : tied.decoder.layers) {
    layer.linear.bias.assign(Tensor(layer.linear.bias.shape(), DType::kF32));
  }
  const Var x = constant(uniform(key_of(1), "a", 0, {5, 4}, 0, 1, DType::kF32));
  CHECK(tied.reconstruct(x).value().identical(untied.reconstruct(x).value()));
}

TEST_CASE("a spec survives its JSON") {
  Spec spec{.encoder = {10, 7, 3}, .decoder = {3, 10}};
  spec.hidden = nn::Activation::kTanh;
  spec.loss = ae::Loss::kBce;
  spec.init = nn::Init::kXavierNormal;
  CHECK(ae::spec_from_json(ae::to_json(spec)) == spec);
}

TEST_CASE("a spec that cannot be built says which field is wrong") {
  CHECK_THROWS_WITH_AS(ae::make_autoencoder({.encoder = {784}}, 0),
                       "spec: encoder needs at least two widths: got [784]", Error);
  CHECK_THROWS_WITH_AS(ae::make_autoencoder({.encoder = {784, 0}}, 0),
                       "spec: encoder widths must be at least 1: got [784, 0]", Error);
  CHECK_THROWS_WITH_AS(
      ae::make_autoencoder({.encoder = {784, 32}, .decoder = {30, 784}}, 0),
      "spec: the decoder must lead from the code back to the input: encoder=[784, 32], "
      "decoder=[30, 784]: expected 32 to 784",
      Error);
  CHECK_THROWS_WITH_AS(
      ae::make_autoencoder({.encoder = {784, 32}, .decoder = {32, 100, 784}, .tied = true}, 0),
      "spec: tied weights need a mirrored decoder: encoder=[784, 32], decoder=[32, 100, 784]",
      Error);
  CHECK_THROWS_WITH_AS(enum_named<ae::Loss>("mae"),
                       "loss: there is none named mae: did you mean mse? Expected one of mse, bce, "
                       "correntropy, gaussian, learnt-gaussian, multinomial, poisson, nb, zinb",
                       Error);
}

TEST_CASE("the loss is the weighted sum of its terms") {
  const nn::Objective o = nn::make_objective({{"a", constant(2), 1}, {"b", constant(5), 0.1}});
  CHECK(o.loss.value().item() == doctest::Approx(2.5));
  CHECK(o.terms[1].value.label() == "b");
  CHECK(o.parts[1].value().item() == doctest::Approx(0.5));
}

TEST_CASE("stored pixels become numbers from 0 to 1") {
  const Var x = ae::pixels(constant(Tensor::from<std::uint8_t>({0, 51, 255}, {3})));
  CHECK(x.dtype() == DType::kF32);
  CHECK(x.value().at(1) == doctest::Approx(0.2).epsilon(1e-6));
  CHECK(x.value().at(2) == 1);
}

TEST_CASE("noise of the code layer is there while training, ahead of the activation") {
  const ae::Autoencoder model = ae::make_autoencoder(
      {.encoder = {784, 3}, .code = nn::Activation::kSigmoid, .code_noise = 4}, 1);
  const Var x = ae::pixels(constant(nn::digits(5, 1).rows()));
  const ae::Encoded quiet = model.encode(x);
  CHECK(quiet.code.value().identical(sigmoid(quiet.linear).value()));
  const Var noise = full(Shape{5, 3}, 2.0, DType::kF32);
  const ae::Encoded noisy = model.encode(x, {}, noise);
  CHECK(noisy.linear.value().identical((quiet.linear + noise).value()));

  const auto loss = [&](bool training, std::uint64_t seed) {
    Step step = make_step(seed, training);
    return ae::objective(model, {constant(nn::digits(5, 1).rows())}, step).loss.value().at(0);
  };
  CHECK(loss(true, 1) != loss(true, 2));
  CHECK(loss(false, 1) == loss(false, 2));
  CHECK_THROWS_WITH_AS(ae::check({.code_noise = 1, .rule = ae::Gaussian{}}),
                       "spec: code_noise: a Gaussian code has noise of its own", Error);
  CHECK_THROWS_WITH_AS(ae::check({.code_noise = -1}), "spec: code_noise must be at least 0: got -1",
                       Error);
}

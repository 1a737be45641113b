// Variational and quantised codes against closed forms.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ae/measure/metrics.h"
#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "ae/papers/adversarial.h"
#include "ae/papers/streams.h"
#include "ae/papers/vae.h"
#include "ae/papers/vq_vae.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using namespace hourglass::ae;
using doctest::Approx;
using testing::at;
using testing::f64;
using testing::term;

namespace {

Spec vae_spec() { return {.encoder = {6, 5, 2}, .loss = Loss::kBce, .rule = Gaussian{}}; }

Var images(std::int64_t n = 4) {
  return constant(uniform(key_of(2), "images", 0, {n, 6}, 0, 1, DType::kF32));
}

}  // namespace

TEST_CASE("the KL of a normal code is Kingma and Welling's, a sum over dimensions") {
  const Posterior q{f64({1, 2}, {1, 2}), f64({0, std::log(4.0)}, {1, 2})};
  const double second = 0.5 * (4 + 4 - 1 - std::log(4.0));
  CHECK(at(kl_by_dimension(q), 0) == Approx(0.5));
  CHECK(at(kl_by_dimension(q), 1) == Approx(second));
  CHECK(at(kl_with_free_bits(q, 0)) == Approx(0.5 + second));
  CHECK(at(kl_with_free_bits(q, 1)) == Approx(1 + second));  // the first dimension's half is free
  CHECK(at(grad(kl_with_free_bits(q, 1), q.mean), 0) == 0);
  CHECK(at(grad(kl_with_free_bits(q, 1), q.mean), 1) == Approx(2));
  CHECK_THROWS_WITH_AS(kl_with_free_bits(q, -0.5),
                       "kl_with_free_bits: must not be negative: got -0.5", Error);
}

TEST_CASE("the error of several draws is their mean, each with noise of its own") {
  Spec spec = vae_spec();
  const auto error = [&](int samples, std::uint64_t seed) {
    spec.rule = Gaussian{.samples = samples};
    const Autoencoder model = make_autoencoder(spec, 1);
    Step step = make_step(seed);
    return term(objective(model, images(), step), "bce_per_image");
  };
  double one = 0, least = 1e9, most = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const double drawn = error(1, seed);
    one += drawn / 20;
    least = std::min(least, drawn);
    most = std::max(most, drawn);
  }
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    CHECK(std::abs(error(100, seed) - one) < 0.4 * (most - least));
    CHECK(error(100, seed) != error(1, seed));
  }
}

TEST_CASE("a draw is mean + deviation times noise, and repeats for equal keys") {
  const Posterior q{f64({1, 2}, {1, 2}), f64({0, std::log(9.0)}, {1, 2})};
  const RandomKey key = random_key(1);
  const Var e = random_normal(key, streams::kPosterior, Shape{1, 2}, DType::kF64);
  CHECK(at(reparameterise(q, key, streams::kPosterior), 1) == Approx(2 + 3 * at(e, 1)));
  CHECK(at(grad(sum(reparameterise(q, key, streams::kPosterior)), q.log_variance), 1) ==
        Approx(1.5 * at(e, 1)));
}

TEST_CASE("beta rises with the step of the program and is whole outside of training") {
  Step step = make_step(0, true, 30);
  CHECK(at(warm_up(step, 120)) == 0.25);
  CHECK(at(warm_up(step, 10)) == 1);
  CHECK(at(warm_up(step, 0)) == 1);
  step.training = false;
  CHECK(at(warm_up(step, 120)) == 1);
}

TEST_CASE("beta weighs the KL term, and a warm-up leaves it out at the first step") {
  Spec spec = vae_spec();
  const auto built = [&](const Spec& s) {
    const Autoencoder model = make_autoencoder(s, 1);
    Step step = make_step(3);
    return objective(model, images(), step);
  };
  const nn::Objective plain = built(spec);
  const double bce = term(plain, "bce_per_image"), kl = term(plain, "kl_per_image");
  CHECK(kl > 0);
  CHECK(plain.loss.value().item() == Approx(bce + kl));
  spec.rule = Gaussian{.beta = 4};
  CHECK(built(spec).loss.value().item() == Approx(bce + 4 * kl));
  spec.rule = Gaussian{.beta = 4, .warm_up = 100};
  CHECK(built(spec).loss.value().item() == Approx(bce));
}

TEST_CASE("weights from the exact posterior are all p(x), whatever the draws") {
  // p(z) = N(0, 1), p(x | z) = N(z, 1): the posterior is N(x / 2, 1 / 2), p(x) = N(0, 2).
  const Var x = f64({0.3, -2, 1.5}, {3, 1});
  const Posterior q{0.5 * x, full(x.shape(), std::log(0.5), DType::kF64)};
  const auto log_weights = [&](const RandomKey& key) {
    const Var z = reparameterise(q, key, streams::kPosterior);
    return log_prior_ratio(q, key, streams::kPosterior) +
           sum(log_normal_density(x, z, zeros_like(z)), {1});
  };
  const Var bound = importance_bound(over_samples(log_weights, random_key(7), 5));
  for (std::int64_t i = 0; i < 3; ++i) {
    const double v = at(x, i);
    CHECK(at(bound, i) == Approx(-0.5 * std::log(4 * std::numbers::pi) - v * v / 4).epsilon(1e-12));
  }
}

TEST_CASE("a posterior narrower than the mean's digits has the density of the noise drawn") {
  const Posterior q{constant(Tensor::full(Shape{1, 1}, 3, DType::kF32)),
                    constant(Tensor::full(Shape{1, 1}, -40, DType::kF32))};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const RandomKey key = random_key(seed);
    const double noise = at(random_normal(key, streams::kPosterior, Shape{1, 1}));
    const double z = 3 + std::exp(-20) * noise;  // 3 in f32
    const double expected = 0.5 * (noise * noise - 40 - z * z);
    CHECK(at(log_prior_ratio(q, key, streams::kPosterior), 0) == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("more importance samples give a higher bound, and each has noise of its own") {
  Spec spec = vae_spec();
  const auto mean_bound = [&](std::int64_t samples) {
    spec.rule = Gaussian{.samples = samples, .importance = true};
    const Autoencoder model = make_autoencoder(spec, 1);
    double total = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Step step = make_step(seed);
      total -= term(objective(model, images(), step), "iwae_per_image") / 20;
    }
    return total;
  };
  const double one = mean_bound(1), many = mean_bound(50);
  CHECK(many > one);
  const auto draw = [](const RandomKey& key) {
    return random_normal(key, streams::kPosterior, Shape{3}, DType::kF32);
  };
  const Tensor draws = over_samples(draw, random_key(7), 2).value();
  CHECK(draws.at(0) != draws.at(3));
  CHECK(draws.at(0) == at(draw(random_key(7))));  // the first is the plain one
}

TEST_CASE("a draw's average over samples is the error's, with one KL") {
  Spec spec = vae_spec();
  spec.rule = Gaussian{.samples = 3};
  const Autoencoder model = make_autoencoder(spec, 1);
  Step step = make_step(3);
  const nn::Objective o = objective(model, images(), step);
  const Posterior q = model.encode(images()).posterior;
  CHECK(term(o, "kl_per_image") == Approx(at(kl_with_free_bits(q, 0))));
  CHECK(o.loss.value().item() ==
        Approx(term(o, "bce_per_image") + term(o, "kl_per_image")).epsilon(1e-5));
}

TEST_CASE("a vector becomes its nearest, and its derivative passes as if it had not") {
  const Var h = f64({0.9, 0.1, -3, 4}, {1, 4});
  const Var codebook = f64({0, 0, 1, 0, -2, 3}, {3, 2});
  const Quantisation q = quantise(h, codebook);
  CHECK(q.indices.value().at(0) == 1);
  CHECK(q.indices.value().at(1) == 2);
  const std::vector<double> nearest = {1, 0, -2, 3};
  for (std::int64_t i = 0; i < 4; ++i) {
    CHECK(at(q.straight, i) == Approx(nearest[static_cast<std::size_t>(i)]));
  }
  const double distance = 0.01 + 0.01 + 1 + 1;
  CHECK(at(q.codebook_loss) == Approx(distance));
  CHECK(at(q.commitment_loss) == Approx(distance));
  CHECK(at(grad(sum(q.straight * h), h), 0) == Approx(1 + 0.9));
  CHECK(at(grad(q.codebook_loss, codebook), 0) == 0);  // never chosen
  CHECK(at(grad(q.codebook_loss, codebook), 2) == Approx(0.2));
  CHECK(at(grad(q.codebook_loss, h)) == 0);
  CHECK(at(grad(q.commitment_loss, codebook), 2) == 0);
  CHECK_THROWS_WITH_AS(
      quantise(f64({1, 2, 3}, {1, 3}), codebook),
      "quantise: the codebook's width must divide the code's: h=[1, 3], codebook=[3, 2]: 3 vs 2",
      Error);
}

TEST_CASE("an encoder and its discriminator take turns, each with parameters of its own") {
  Spec spec{.encoder = {6, 2}, .discriminator = {4}};
  Autoencoder model = make_autoencoder(spec, 1);
  const std::vector<nn::Player> players = players_of(model);
  REQUIRE(players.size() == 2);
  CHECK(players[0].parameters.size() == 4);
  CHECK(players[1].parameters.size() == 4);
  CHECK(players[1].parameters[0].label() == "discriminator.0.weight");
  Step step = make_step(1);
  const nn::Objective judge = discriminator_objective(model, {images()}, step);
  CHECK(at(sum(square(grad(judge.loss, model.encoder.layers[0].linear.weight)))) == 0);
  CHECK(at(sum(square(grad(judge.loss, players[1].parameters[0])))) > 0);
  // One that gives even odds: log 2 each way.
  for (const Var& p : players[1].parameters) p.assign(Tensor(p.shape(), p.dtype()));
  CHECK(judge.loss.value().item() == Approx(2 * std::numbers::ln2));
  CHECK(term(objective(model, images(), step), "deception") == Approx(std::numbers::ln2));
}

TEST_CASE("MMD moves codes to the prior's deviation") {
  const Tensor data = uniform(key_of(2), "images", 0, {256, 6}, 0, 1, DType::kF32);
  Spec spec{.encoder = {6, 16, 2}, .output = nn::Activation::kIdentity};
  spec.penalties = {penalties::mmd(20)};
  Autoencoder model = make_autoencoder(spec, 1);
  const auto deviation = [&] {
    return std::sqrt(at(mean(variance(model.encode(constant(data)).code, {0}))));
  };
  CHECK(deviation() < 0.5);
  nn::check_trained(train(model, {data}, {.epochs = 60, .batch = 64, .learning_rate = 5e-3}));
  CHECK(std::abs(deviation() - 1) < 0.3);
}

TEST_CASE("each of the two lowers its own loss while the other is held") {
  const Tensor data = uniform(key_of(2), "images", 0, {256, 6}, 0, 1, DType::kF32);
  Autoencoder model = make_autoencoder({.encoder = {6, 16, 2}, .discriminator = {16}}, 1);
  const std::vector<nn::Player> players = players_of(model);
  Step step = make_step(1);
  const Var told = discriminator_objective(model, {constant(data)}, step).loss;
  const Var deceived = objective(model, constant(data), step).terms[1].value;
  const nn::TrainOptions options = {.epochs = 20, .batch = 64, .learning_rate = 5e-3};
  const Tensor encoder = model.encoder.layers[0].linear.weight.tensor().clone();
  nn::check_trained(nn::train({players[1]}, {data}, options));
  CHECK(encoder.identical(model.encoder.layers[0].linear.weight.tensor()));
  CHECK(at(told) < 1.1);      // 2 log 2 at even odds
  CHECK(at(deceived) > 0.8);  // log 2 at even odds
  const Tensor judge = model.discriminator.layers[0].linear.weight.tensor().clone();
  nn::check_trained(nn::train({players[0]}, {data}, options));
  CHECK(judge.identical(model.discriminator.layers[0].linear.weight.tensor()));
  CHECK(at(deceived) < 0.5);
}

TEST_CASE("a class-conditional model needs a label an example, and uses it") {
  Spec spec = vae_spec();
  spec.classes = 3;
  const Autoencoder model = make_autoencoder(spec, 1);
  const auto decoded = [&](std::int32_t label) {
    const Var labels = constant(Tensor::from<std::int32_t>({label}, {1}));
    return at(model.decode({.code = full(Shape{1, 2}, 0.5), .labels = labels}));
  };
  CHECK(decoded(0) != decoded(2));
  CHECK_THROWS_WITH_AS(
      model.encode(images()),
      "autoencoder: the model is conditional on 3 classes and needs a label an example: "
      "x=[4, 6], labels=none",
      Error);
  spec.tied = true;
  CHECK_THROWS_WITH_AS(
      make_autoencoder(spec, 1),
      "spec: tied weights and classes do not go together: the code has no room for them", Error);
}

TEST_CASE("encode is deterministic, sample is a function of its key") {
  const Autoencoder model = make_autoencoder(vae_spec(), 1);
  const Encoded encoded = model.encode(images());
  CHECK(encoded.code.value().identical(encoded.posterior.mean.value()));
  const auto draw = [&](std::uint64_t seed) { return model.sample(random_key(seed), 3).value(); };
  CHECK(draw(1).identical(draw(1)));
  CHECK_FALSE(draw(1).identical(draw(2)));
}

TEST_CASE("a code rule out of range is refused by name") {
  const auto refused = [](auto change, const char* text) {
    Spec spec = vae_spec();
    change(spec);
    CHECK_THROWS_WITH_AS(make_autoencoder(spec, 0), text, Error);
  };
  refused([](Spec& s) { s.rule = Gaussian{.beta = -1}; }, "spec: beta must be at least 0: got -1");
  refused([](Spec& s) { s.rule = Gaussian{.free_bits = -1}; },
          "spec: free_bits must be at least 0: got -1");
  refused([](Spec& s) { s.rule = Gaussian{.samples = 0}; },
          "spec: samples must be at least 1: got 0");
  refused([](Spec& s) { s.code = nn::Activation::kRelu; },
          "spec: the mean of a Gaussian code is not bounded: the code activation is relu: expected "
          "identity");
  refused(
      [](Spec& s) {
        s.loss = Loss::kMse;
        s.rule = Gaussian{.importance = true};
      },
      "spec: importance weights need a likelihood: the loss is mse: expected bce, gaussian, "
      "learnt-gaussian, multinomial, poisson, nb or zinb");
  refused([](Spec& s) { s.rule = Quantised{.entries = 4, .entry_width = 3}; },
          "spec: the codebook's vectors must divide the code: width 3 of 2");
  refused([](Spec& s) { s.discriminator = {0}; }, "spec: discriminator must be at least 1: got 0");
}

TEST_CASE("binarised images are zeros and ones with the pixels' means") {
  Spec spec = vae_spec();
  for (const Binarize kind : {Binarize::kThreshold, Binarize::kDynamic}) {
    spec.binarize = kind;
    CHECK(spec_from_json(to_json(spec)) == spec);
    const Autoencoder model = make_autoencoder(spec, 1);
    Step step = make_step(3);
    CHECK(std::isfinite(objective(model, images(), step).loss.value().item()));
  }
}

TEST_CASE("a learnt deviation becomes that of the errors") {
  Spec spec{.encoder = {4, 2}, .scale = Scale::kNone};
  spec.output = nn::Activation::kIdentity;
  spec.loss = Loss::kLearntGaussian;
  spec.rule = Gaussian{};
  const Tensor rows = normal(key_of(4), "rows", 0, {200, 4}, 2, 0.3);
  Autoencoder model = make_autoencoder(spec, 1);
  nn::check_trained(train(model, {rows}, {.epochs = 100, .batch = 50, .learning_rate = 2e-2}));
  const double deviation = std::exp(model.log_deviation.tensor().at(0));
  const double mse = reconstruction_metrics(model, rows)[0].value;
  CHECK(deviation < 0.35);
  CHECK(deviation == doctest::Approx(std::sqrt(mse)).epsilon(0.1));
  // The loss is the negative logarithm of that density, whatever scale the spec has.
  Step step = make_step(0, false), other = make_step(0, false);
  Spec given = spec;
  given.loss = Loss::kGaussian;
  given.loss_scale = deviation;
  Autoencoder same = model;
  same.spec = given;
  const Var x = constant(rows.rows(0, 5));
  CHECK(objective(model, x, step).loss.value().item() ==
        doctest::Approx(objective(same, x, other).loss.value().item()).epsilon(1e-4));
}

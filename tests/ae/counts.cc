#include <doctest/doctest.h>

#include <cmath>

#include "ae/measure/metrics.h"
#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "autograd/check/gradcheck.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kRows = 240, kColumns = 12;

// Rows of two kinds, each with columns of its own: counts of 0 to some 20, a fifth of them lost.
Tensor make_counts() {
  const Tensor u = uniform(key_of(3), "counts", 0, {kRows, kColumns});
  Tensor x({kRows, kColumns}, DType::kF32);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const bool high = (i / kColumns % 2 == 0) == (i % kColumns < kColumns / 2);
    const float draw = u.data<float>()[i];
    x.data<float>()[i] = draw < 0.2F ? 0 : std::floor((high ? 20 : 4) * draw);
  }
  return x;
}

ae::Spec spec_of(ae::Loss loss, bool gaussian) {
  ae::Spec spec{.encoder = {kColumns, 16, 2},
                .scale = ae::Scale::kLog1p,
                .output = nn::Activation::kIdentity,
                .loss = loss};
  if (gaussian) spec.rule = ae::Gaussian{};
  return spec;
}

constexpr ae::Loss kLosses[] = {ae::Loss::kMultinomial, ae::Loss::kPoisson,
                                ae::Loss::kNegativeBinomial, ae::Loss::kZeroInflatedNegative};

struct Trained {
  ae::Autoencoder model;
  double first = 0, last = 0;
};

Trained train_on(const Tensor& x, const ae::Spec& spec, int threads) {
  Trained t{ae::make_autoencoder(spec, 1)};
  nn::check_trained(ae::train(
      t.model, {x}, {.epochs = 30, .batch = 40, .learning_rate = 1e-2, .threads = threads},
      {.on_step = {}, .on_epoch = [&](const nn::EpochReport& r) {
         if (t.first == 0) t.first = r.loss;
         t.last = r.loss;
       }}));
  return t;
}

// The mean squared distance from the columns' means.
double spread_of(const Tensor& x) {
  const Var v = constant(x);
  return mean(square(v - mean(v, {0}, true))).value().item();
}

}  // namespace

TEST_CASE("models learn counts by each likelihood, deterministic or not, to the same bits again") {
  const Tensor x = make_counts();
  for (const ae::Loss loss : kLosses) {
    for (const bool gaussian : {false, true}) {
      CAPTURE(ae::name_of(loss));
      CAPTURE(gaussian);
      Trained one = train_on(x, spec_of(loss, gaussian), 1);
      CHECK(one.last < 0.95 * one.first);
      if (!gaussian)
        CHECK(ae::reconstruction_metrics(one.model, x, 100)[0].value < 0.7 * spread_of(x));
      Trained two = train_on(x, spec_of(loss, gaussian), 2);
      const std::vector<Var> a = one.model.parameters(), b = two.model.parameters();
      for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i].tensor().identical(b[i].tensor()));
    }
  }
}

TEST_CASE("a model of counts reconstructs its distribution's mean") {
  const Tensor x = make_counts().rows(0, 5);
  const auto run = [&](ae::Loss loss, auto f) {
    const ae::Autoencoder model = ae::make_autoencoder(spec_of(loss, false), 1);
    const Var seen = model.scaled(constant(x));
    f(model, model.encode(seen), model.reconstruct(seen).value());
  };
  run(ae::Loss::kMultinomial, [&](const auto& model, const auto& encoded, const Tensor& y) {
    const Tensor totals = sum(constant(y), {1}).value(), expected = sum(constant(x), {1}).value();
    for (std::int64_t i = 0; i < 5; ++i) {
      CHECK(totals.at(i) == doctest::Approx(expected.at(i)).epsilon(1e-6));
    }
    CHECK(sum(model.decode(encoded), {1}).value().at(0) == doctest::Approx(1).epsilon(1e-6));
  });
  run(ae::Loss::kPoisson, [&](const auto& model, const auto& encoded, const Tensor& y) {
    CHECK(y.identical(exp(model.decode_linear(encoded)).value()));
    CHECK(y.identical(model.decode(encoded).value()));
  });
  run(ae::Loss::kZeroInflatedNegative,
      [&](const auto& model, const auto& encoded, const Tensor& y) {
        const ae::LossInput in = model.loss_input(encoded);
        CHECK(y.identical((exp(in.linear) * sigmoid(-in.dropout_logits)).value()));
      });
}

TEST_CASE("the parameters that a likelihood of counts brings are named, and trained") {
  ae::Autoencoder model = ae::make_autoencoder(spec_of(ae::Loss::kZeroInflatedNegative, false), 1);
  std::vector<std::string> names;
  model.visit([&](const std::string& name, Var&) { names.push_back(name); });
  const std::vector<std::string> last(names.end() - 3, names.end());
  CHECK(last == std::vector<std::string>{"log_dispersion", "dropout.weight", "dropout.bias"});
  CHECK(model.log_dispersion.shape() == Shape{kColumns});
  CHECK(model.dropout.weight.shape() == Shape{kColumns, 16});

  Step step;
  const nn::Objective o = ae::objective(model, constant(make_counts().rows(0, 6)), step);
  CHECK(o.terms[0].name == "zinb_per_image");
  CHECK(gradgradcheck(o.loss, model.trained_parameters()).passed);
}

TEST_CASE("a likelihood of counts says what it does not go with") {
  ae::Spec spec = spec_of(ae::Loss::kNegativeBinomial, false);
  spec.output = nn::Activation::kSigmoid;
  CHECK_THROWS_WITH_AS(ae::check(spec),
                       "spec: the loss nb takes logits or logarithms: the output activation is "
                       "sigmoid: expected identity",
                       Error);
  spec.output = nn::Activation::kIdentity;
  spec.scale = ae::Scale::kStandard;
  CHECK_THROWS_WITH_AS(
      ae::check(spec),
      "spec: the loss nb takes counts: the scale is standard: expected log1p or none", Error);
  ae::Spec conv{.encoder = {64, 3},
                .input = {1, 8, 8},
                .scale = ae::Scale::kNone,
                .conv = {{.channels = 2}},
                .output = nn::Activation::kIdentity,
                .loss = ae::Loss::kZeroInflatedNegative};
  CHECK_THROWS_WITH_AS(
      ae::check(conv),
      "spec: the loss zinb needs a second head of the decoder, which convolutions do not have",
      Error);
  conv.loss = ae::Loss::kNegativeBinomial;
  ae::check(conv);
  ae::Autoencoder model = ae::make_autoencoder(spec_of(ae::Loss::kPoisson, false), 1);
  Tensor x = make_counts();
  x.data<float>()[kColumns + 2] = -1;
  CHECK_THROWS_WITH_AS(
      (void)ae::train(model, {x}, {.epochs = 1}),
      "train: row 1, column 2 of the examples is -1: the loss poisson takes counts, "
      "none below 0",
      Error);
}

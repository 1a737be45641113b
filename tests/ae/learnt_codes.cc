// Codes after a short training are what their rule wants them to be.

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "ae/measure/code_metrics.h"
#include "ae/measure/metrics.h"
#include "ae/model/train.h"
#include "ae/papers/vq_vae.h"
#include "autograd/ops/ops.h"
#include "nn/data/digits.h"
#include "nn/train/evaluation.h"
#include "tensor/random.h"

using namespace hourglass;
using namespace hourglass::ae;
using doctest::Approx;

namespace {

nn::TrainOptions options_of(int epochs) {
  return {.epochs = epochs,
          .batch = 64,
          .learning_rate = 2e-3,
          .schedule = {nn::Schedule::kCosine},
          .seed = 1,
          .threads = 1};
}

// On digits that were not learnt from.
double sse_of(const Autoencoder& model) {
  for (const nn::NamedValue& m : reconstruction_metrics(model, nn::digits(500, 2).rows())) {
    if (m.name == "sse_per_image") return m.value;
  }
  return 0;
}

Autoencoder learnt(const Spec& spec, int epochs) {
  Autoencoder model = make_autoencoder(spec, 1);
  const nn::TrainResult result = train(model, {nn::digits(1200, 1).rows()}, options_of(epochs));
  CHECK(result.outcome == nn::Outcome::kDone);
  return model;
}

}  // namespace

TEST_CASE("a discriminator brings unseen digits' codes near N(0, 1) in every dimension" *
          doctest::test_suite("long")) {
  const Autoencoder model = learnt(
      {.encoder = {784, 128, 4}, .loss = Loss::kBce, .discriminator = {64, 64}, .adversarial = 10},
      40);
  const CodeStatistics codes = code_statistics(
      nn::map_rows([&](const nn::Batch& b) { return model.encode(pixels(b[0])).code; },
                   {nn::digits(500, 2).rows()}));
  for (std::size_t j = 0; j < 4; ++j) {
    CAPTURE(j);
    CHECK(std::abs(codes.means[j]) < 0.25);
    CHECK(std::abs(std::sqrt(codes.variances[j]) - 1) < 0.2);
  }
  CHECK(sse_of(model) < 45);  // a mean digit: 55
}

TEST_CASE("a codebook is used as a whole and keeps what counts of the same code unquantised" *
          doctest::test_suite("long")) {
  Spec spec{.encoder = {784, 128, 32}, .loss = Loss::kBce};
  const double free = sse_of(learnt(spec, 30));
  spec.rule = Quantised{.entries = 32, .entry_width = 4};
  const Autoencoder model = learnt(spec, 30);
  const Var h = model.encode(pixels(constant(nn::digits(500, 2).rows()))).before;
  const Tensor indices = quantise(h, model.codebook).indices.value();
  std::set<double> used;
  for (double i : indices.values()) used.insert(i);
  CHECK(used.size() >= 28);
  CHECK(free < 20);
  CHECK(sse_of(model) < 1.8 * free);  // 8 numbers of 0 to 31 in place of 32 real ones
}

TEST_CASE("pooling undone at the switches draws unseen digits after a short training" *
          doctest::test_suite("long")) {
  const ConvLayer layer{.channels = 8, .kernel = 5, .padding = 2, .pool = 2};
  const Autoencoder model = learnt(
      {.encoder = {784, 32}, .input = {1, 28, 28}, .conv = {layer, layer}, .loss = Loss::kBce}, 10);
  CHECK(sse_of(model) < 32);  // a mean digit: 55
}

TEST_CASE("a codebook's vector becomes the mean of what it stands for, or starts anew") {
  const Var codebook = constant(Tensor::from<double>({0, 0, 9, 9}, {2, 2}));
  const Var h = constant(Tensor::from<double>({1, 0, 0, 2, 1, 1}, {3, 2}));
  const auto moved = [&](const std::vector<double>& uses) {
    const Var counts = constant(Tensor::from<double>(uses, {2}));
    const auto updates =
        codebook_averages(quantise(h, codebook), h, codebook, counts, random_key(3), "restart");
    return std::pair{updates[0].value.value(), updates[1].value.value()};
  };
  const auto [uses, vectors] = moved({3, 3});
  CHECK(uses.at(0) == Approx(0.99 * 3 + 0.01 * 3));  // all three were its own
  CHECK(uses.at(1) == Approx(0.99 * 3));
  CHECK(vectors.at(0) == Approx(0.01 * 2 / 3.0));
  CHECK(vectors.at(1) == Approx(0.01 * 3 / 3.0));
  CHECK(vectors.at(2) == Approx(9));  // not taken: stays where it is
  const auto [again, fresh] = moved({3, 0.01});
  CHECK(again.at(1) == 1.5);  // an even share of three
  bool found = false;
  for (std::int64_t i = 0; i < 3; ++i) {
    found |= fresh.at(2) == h.value().at(2 * i) && fresh.at(3) == h.value().at(2 * i + 1);
  }
  CHECK(found);
  // Dead is what is taken less than 0.03 of an even share, by then.
  CHECK(moved({3, 0.0450 / 0.99}).first.at(1) == Approx(0.045));
  CHECK(moved({3, 0.0449 / 0.99}).first.at(1) == 1.5);
}

#include "ae/model/train.h"

#include <doctest/doctest.h>

#include <cmath>
#include <tuple>

#include "ae/measure/metrics.h"
#include "ae/model/pca.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using testing::noise;

namespace {

std::vector<Tensor> weights_of(ae::Autoencoder& model) {
  std::vector<Tensor> weights;
  for (const Var& p : model.parameters()) weights.push_back(p.tensor().clone());
  return weights;
}

bool identical(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].identical(b[i])) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE(
    "training lowers the loss, and the same seed gives the same weights on any thread count") {
  const Tensor images = noise(200, 12);
  std::vector<std::vector<Tensor>> results;
  for (int threads : {1, 2, 3}) {
    ae::Autoencoder model = ae::make_autoencoder({.encoder = {12, 8, 3}}, 1);
    std::vector<double> losses;
    nn::check_trained(ae::train(
        model, {images}, {.epochs = 6, .batch = 32, .learning_rate = 1e-2, .threads = threads},
        {.on_step = {}, .on_epoch = [&](const nn::EpochReport& r) { losses.push_back(r.loss); }}));
    REQUIRE(losses.size() == 6);
    CHECK(losses.back() < losses.front());
    results.push_back(weights_of(model));
  }
  CHECK(identical(results[0], results[1]));
  CHECK(identical(results[0], results[2]));
}

TEST_CASE("a stop after a step keeps what was learnt") {
  ae::Autoencoder model = ae::make_autoencoder({.encoder = {12, 3}}, 1);
  const auto before = weights_of(model);
  int epochs = 0;
  const nn::TrainResult result =
      ae::train(model, {noise(100, 12)}, {.epochs = 5, .batch = 10},
                {.on_step = [](const nn::StepReport& r) { return r.step < 3; },
                 .on_epoch = [&](const nn::EpochReport&) { ++epochs; }});
  CHECK(result.outcome == nn::Outcome::kStopped);
  CHECK(result.steps == 3);
  CHECK(epochs == 1);
  CHECK_FALSE(identical(before, weights_of(model)));
}

TEST_CASE(
    "a divergence names the step and the term and leaves the last weights whose loss was finite") {
  ae::Spec spec{.encoder = {12, 3}};
  spec.output = nn::Activation::kIdentity;
  const Tensor images = noise(100, 12);
  // A rate that grows the weights out of f32's range within a few steps, wherever in an epoch that
  // is.
  for (double rate : {1e4, 1e7, 1e12, 1e30}) {
    ae::Autoencoder model = ae::make_autoencoder(spec, 1);
    std::vector<double> losses;
    const nn::TrainResult result =
        ae::train(model, {images}, {.epochs = 40, .batch = 50, .learning_rate = rate},
                  {.on_step =
                       [&](const nn::StepReport& r) {
                         losses.push_back(r.loss);
                         return true;
                       },
                   .on_epoch = {}});
    if (result.outcome == nn::Outcome::kDone) continue;
    REQUIRE(result.outcome == nn::Outcome::kDiverged);
    const bool in_loss = result.reason.starts_with("loss term mse is not finite at step ");
    if (!in_loss) CHECK(result.reason.starts_with("the new value of parameter "));
    // The weights kept are those that the last finite loss was computed with.
    ae::Autoencoder again = ae::make_autoencoder(spec, 1);
    std::ignore = ae::train(again, {images}, {.epochs = 40, .batch = 50, .learning_rate = rate},
                            {.on_step =
                                 [&](const nn::StepReport& r) {
                                   return (r.epoch - 1) * r.steps + r.step < result.steps;
                                 },
                             .on_epoch = {}});
    if (result.steps > 0) CHECK(identical(weights_of(model), weights_of(again)));
    CHECK(static_cast<std::int64_t>(losses.size()) == result.steps + (in_loss ? 1 : 0));
  }
}

TEST_CASE("options out of range are refused by name") {
  ae::Autoencoder model = ae::make_autoencoder({.encoder = {12, 3}}, 1);
  const auto run = [&](const nn::TrainOptions& options) {
    nn::check_trained(ae::train(model, {noise(10, 12)}, options));
  };
  CHECK_THROWS_WITH_AS(run({.epochs = 0}), "epochs must be at least 1: got 0", Error);
  CHECK_THROWS_WITH_AS(run({.batch = 0}), "batch must be at least 1: got 0", Error);
  CHECK_THROWS_WITH_AS(run({.learning_rate = -1}), "lr must be a positive number: got -1", Error);
  CHECK_THROWS_WITH_AS(run({.threads = 1025}), "threads must be 0 to 1024: got 1025", Error);
}

TEST_CASE("data that the model cannot give, or its loss not judge, are refused by row and column") {
  const auto refused = [](ae::Spec spec, double value, const std::string& why) {
    spec.encoder = {3, 2};
    Tensor images({4, 3}, DType::kF32);
    images.data<float>()[7] = static_cast<float>(value);
    ae::Autoencoder model = ae::make_autoencoder(spec, 1);
    const std::string line = "train: row 2, column 1 of the examples is " + why;
    CHECK_THROWS_WITH_AS(nn::check_trained(ae::train(model, {images}, {.epochs = 1})), line.c_str(),
                         Error);
  };
  using nn::Activation;
  refused({.output = Activation::kSigmoid}, -1.25, "-1.25: a sigmoid output gives 0 to 1");
  refused({.output = Activation::kTanh}, 1.5, "1.5: a tanh output gives -1 to 1");
  refused({.output = Activation::kRelu}, -1, "-1: a relu output gives no number below 0");
  refused({.output = Activation::kSoftplus}, -1, "-1: a softplus output gives no number below 0");
  refused({.output = Activation::kIdentity, .loss = ae::Loss::kBce}, 2,
          "2: the loss bce takes 0 to 1");
  refused({.output = Activation::kIdentity, .loss = ae::Loss::kBce}, -0.5,
          "-0.5: the loss bce takes 0 to 1");
  refused({.output = Activation::kIdentity}, std::nan(""), "nan: expected a finite number");
  refused({.output = Activation::kIdentity}, -INFINITY, "-inf: expected a finite number");
}

TEST_CASE("PCA's error on its own data is the variance that it leaves out") {
  const Tensor images = noise(400, 10);
  const ae::Pca pca = ae::fit_pca(images);
  for (std::int64_t code : {1, 4, 10}) {
    double tail = 0;
    for (std::int64_t i = code; i < 10; ++i) tail += pca.variances.at(i);
    const auto metrics = ae::reconstruction_metrics(ae::pca_autoencoder(pca, code), images);
    CHECK(metrics[1].name == "sse_per_image");
    CHECK(metrics[1].value == doctest::Approx(tail).epsilon(1e-4).scale(1e-4));
  }
  CHECK_THROWS_WITH_AS(ae::pca_autoencoder(pca, 11),
                       "pca: the code must have 1 to 10 dimensions: got 11", Error);
}

TEST_CASE("principal angles are those of the planes, whatever their bases") {
  const Tensor a = Tensor::from<double>({1, 0, 0, 1, 0, 0}, {3, 2});  // x and y
  const Tensor b = Tensor::from<double>({2, 5, 0, 0, 0, 3}, {3, 2});  // x and z
  const std::vector<double> angles = ae::principal_angles(a, b);
  CHECK(angles[0] == doctest::Approx(0).scale(1).epsilon(1e-6));
  CHECK(angles[1] == doctest::Approx(90).epsilon(1e-9));
  const Tensor degenerate = Tensor::from<double>({1, 2, 1, 2, 1, 2}, {3, 2});
  CHECK_THROWS_WITH_AS(ae::principal_angles(a, degenerate),
                       "principal_angles: the columns are not independent: column 1 of [3, 2]",
                       Error);
}

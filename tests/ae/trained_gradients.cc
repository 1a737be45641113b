// The forms with the highest derivatives, and the longest combination, element by element at
// trained weights in f64: where penalties of products of weights show mistakes that small weights
// hide.

#include <doctest/doctest.h>

#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "autograd/check/gradcheck.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using namespace hourglass::ae;
using testing::term;

namespace {

// Trains, and checks the first and the second order.
nn::Objective checked(const Spec& spec, double learning_rate) {
  Autoencoder model = make_autoencoder(spec, 3);
  const Tensor data = uniform(key_of(8), "images", 0, {64, spec.input_width()}, 0, 1, DType::kF32);
  const std::vector<Tensor> before = [&] {
    std::vector<Tensor> all;
    for (const Var& p : model.parameters()) all.push_back(p.tensor().clone());
    return all;
  }();
  const nn::TrainResult result =
      train(model, {data}, {.epochs = 30, .batch = 16, .learning_rate = learning_rate});
  CHECK(result.outcome == nn::Outcome::kDone);
  const std::vector<Var> parameters = model.parameters();
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK_FALSE(before[i].identical(parameters[i].tensor()));
  }
  Step step = make_step(1);
  const nn::Objective o = objective(model, constant(data.rows(0, 3)), step);
  const CheckReport report =
      gradgradcheck(o.loss, parameters, {}, {.max_elements = 200, .directions = 16});
  INFO(to_string(report));
  CHECK(report.passed);
  return o;
}

}  // namespace

TEST_CASE("CAE+H has the right gradient, and gradient of the gradient, once trained") {
  Spec spec{.encoder = {6, 4, 3}, .hidden = nn::Activation::kTanh};
  spec.code = nn::Activation::kSigmoid;
  spec.loss = Loss::kBce;
  spec.tied = true;
  spec.penalties = {Penalty::from_text("contractive:0.05"), Penalty::from_text("caeh:0.5,0.3")};
  const nn::Objective o = checked(spec, 2e-2);
  CHECK(term(o, "contractive") > 1e-3);
  CHECK(term(o, "caeh") > 1e-6);
}

TEST_CASE("tied, convolutional, contractive and denoising at once: the same") {
  Spec spec{.encoder = {20, 3}, .input = {1, 4, 5}, .hidden = nn::Activation::kTanh};
  spec.conv = {{.channels = 2, .stride = 2}, {.channels = 2}};
  spec.code = nn::Activation::kSigmoid;
  spec.loss = Loss::kBce;
  spec.tied = true;
  spec.corruption = {Corruption::from_text("masking:0.25"), Corruption::from_text("gaussian:0.1")};
  spec.penalties = {Penalty::from_text("contractive:0.02")};
  CHECK(term(checked(spec, 2e-2), "contractive") > 1e-3);
}

TEST_CASE("and with Hutchinson's estimate, CAE+H, pooling and unpooling") {
  Spec spec{.encoder = {16, 3}, .input = {1, 4, 4}, .hidden = nn::Activation::kTanh};
  spec.conv = {{.channels = 2, .pool = 2}};
  spec.tied = true;
  spec.corruption = {Corruption::from_text("gaussian:0.2")};
  spec.penalties = {Penalty::from_text("hutchinson:0.05"), Penalty::from_text("caeh:0.1,0.2")};
  CHECK(term(checked(spec, 1e-2), "hutchinson") > 1e-4);
}

// The field of a denoising autoencoder against a score that is known.

#include "ae/measure/denoising_score.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ae/model/train.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;
using namespace hourglass::ae;
using doctest::Approx;

namespace {

constexpr double kSigma = 0.5;

Spec linear_spec() {
  Spec spec{.encoder = {2, 2}};
  spec.hidden = spec.code = spec.output = nn::Activation::kIdentity;
  spec.corruption = {{Noise::kGaussian, kSigma}};
  return spec;
}

}  // namespace

// Data N(m, C): with the noise N(m, C + sigma^2), whose score is -(C + sigma^2)^-1 (x - m). A
// linear autoencoder that is wide enough reaches it.
TEST_CASE("a linear denoising autoencoder learns the score of Gaussian data") {
  const Tensor z = normal(key_of(1), "a", 0, {4096, 2});
  Tensor data(z.shape(), DType::kF32);  // deviations 1.5 and 0.5 along (0.8, 0.6) and (-0.6, 0.8)
  for (std::int64_t i = 0; i < 4096; ++i) {
    const double u = 1.5 * z.at(2 * i), v = 0.5 * z.at(2 * i + 1);
    data.data<float>()[2 * i] = static_cast<float>(0.8 * u - 0.6 * v + 1);
    data.data<float>()[2 * i + 1] = static_cast<float>(0.6 * u + 0.8 * v);
  }
  Autoencoder model = make_autoencoder(linear_spec(), 1);
  nn::check_trained(train(
      model, {data},
      {.epochs = 60, .batch = 64, .learning_rate = 1e-2, .schedule = {nn::Schedule::kCosine}}));
  const double along = -1 / (1.5 * 1.5 + 0.25), across = -1 / (0.5 * 0.5 + 0.25);
  for (const auto& [u, v] : {std::pair{1.0, 0.0}, {0.0, 1.0}, {-1.0, 1.0}}) {
    const Var x = constant(Tensor::from<float>(
        {static_cast<float>(1 + 0.8 * u - 0.6 * v), static_cast<float>(0.6 * u + 0.8 * v)},
        {1, 2}));
    const Tensor score = denoising_score(model, x).value();
    CHECK(0.8 * score.at(0) + 0.6 * score.at(1) == Approx(along * u).epsilon(0.06));
    CHECK(-0.6 * score.at(0) + 0.8 * score.at(1) == Approx(across * v).epsilon(0.06));
  }
}

TEST_CASE("a score needs Gaussian noise and squared error") {
  const auto refused = [](auto change, const char* text) {
    Spec spec = linear_spec();
    change(spec);
    const Autoencoder model = make_autoencoder(spec, 1);
    CHECK_THROWS_WITH_AS(denoising_score(model, full(Shape{1, 2}, 0.5)), text, Error);
  };
  refused(
      [](Spec& s) {
        s.corruption = {{Noise::kMasking, 0.5}};
      },
      "denoising_score: the model must be trained under Gaussian noise, and no other");
  refused([](Spec& s) { s.corruption.clear(); },
          "denoising_score: the model must be trained under Gaussian noise, and no other");
  refused([](Spec& s) { s.loss = Loss::kBce; },
          "denoising_score: the loss must be squared error: it is bce");
}

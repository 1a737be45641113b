#include "ae/measure/likelihood.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "ae/measure/metrics.h"
#include "ae/model/objective.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

ae::Spec one_code_vae() {
  ae::Spec spec{.encoder = {6, 5, 1}};
  spec.loss = ae::Loss::kBce;
  spec.rule = ae::Gaussian{};
  spec.binarize = ae::Binarize::kThreshold;
  return spec;
}

// log p(x) by quadrature over a code of one dimension.
double by_quadrature(const ae::Autoencoder& model, const Tensor& x) {
  const std::int64_t places = 4001;
  std::vector<float> z;
  for (std::int64_t i = 0; i < places; ++i) z.push_back(-10 + 0.005F * static_cast<float>(i));
  const std::vector<double> linear =
      model.decode_linear({.code = constant(Tensor::from<float>(z, {places, 1}))}).value().values();
  double total = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(places); ++i) {
    double log_p = -0.5 * z[i] * z[i] - 0.5 * std::log(2 * 3.14159265358979);
    for (std::size_t d = 0; d < 6; ++d) {
      const double l = linear[i * 6 + d];
      log_p += x.at(static_cast<std::int64_t>(d)) * l - std::log1p(std::exp(l));
    }
    total += std::exp(log_p) * 0.005;
  }
  return std::log(total);
}

}  // namespace

TEST_CASE("the importance-sampled likelihood of a VAE is the integral over its codes") {
  const ae::Autoencoder model = ae::make_autoencoder(one_code_vae(), 3);
  const Tensor images = uniform(key_of(1), "images", 0, {3, 6}, 0, 1, DType::kF32);
  const Tensor x = ae::likelihood_images(model, images, 0);
  const std::vector<double> got = ae::log_likelihood(model, images, 4000);
  for (std::int64_t i = 0; i < 3; ++i) {
    CHECK(got[static_cast<std::size_t>(i)] ==
          doctest::Approx(by_quadrature(model, x.rows(i, i + 1))).epsilon(0.005));
  }
}

TEST_CASE(
    "images of a likelihood are black and white: above a half, or as likely as they are bright") {
  ae::Spec spec = one_code_vae();
  const Tensor grey = Tensor::full({1, 40000}, 0.3);
  const auto white = [&](const Tensor& x) {
    const std::vector<double> v =
        ae::likelihood_images(ae::make_autoencoder(spec, 1), x, 1).values();
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  };
  CHECK(white(grey) == 0);
  CHECK(white(Tensor::full({2, 6}, 200, DType::kU8)) == 1);
  spec.binarize = ae::Binarize::kDynamic;
  CHECK(white(grey) == doctest::Approx(0.3).epsilon(0.03));
  spec.binarize = ae::Binarize::kNone;
  CHECK(white(grey) == doctest::Approx(0.3));
}

TEST_CASE("static black and white is one draw an image, of the seed, the set and its place") {
  const Tensor grey = Tensor::full({40, 1000}, 0.3);
  const Tensor x = ae::binarise_once(grey, 1);
  double white = 0;
  for (double v : x.values()) {
    CHECK((v == 0 || v == 255));
    white += v / 255 / 40000;
  }
  CHECK(white == doctest::Approx(0.3).epsilon(0.03));
  CHECK(x.identical(ae::binarise_once(grey, 1)));
  CHECK(x.rows(0, 7).identical(ae::binarise_once(grey.rows(0, 7), 1)));
  CHECK_FALSE(x.identical(ae::binarise_once(grey, 2)));
  CHECK_FALSE(x.identical(ae::binarise_once(grey, 1, 1)));
  CHECK_FALSE(x.rows(0, 1).identical(x.rows(1, 2)));
  ae::Spec spec = one_code_vae();
  spec.binarize = ae::Binarize::kStatic;
  CHECK(ae::spec_from_json(to_json(spec)) == spec);
  // Once drawn, the objective takes the images as they are, and draws nothing more.
  const ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  const auto kl = [&](ae::Binarize kind, const Tensor& images, std::uint64_t seed) {
    ae::Autoencoder same = model;
    same.spec.binarize = kind;
    Step step = make_step(seed);
    return ae::objective(same, constant(images), step).terms[1].value.value().item();
  };
  const Tensor some = Tensor::full({4, 6}, 0.3), once = ae::binarise_once(some, 1);
  CHECK(kl(ae::Binarize::kStatic, once, 1) == kl(ae::Binarize::kNone, once, 1));
  CHECK(kl(ae::Binarize::kStatic, some, 1) == kl(ae::Binarize::kStatic, some, 2));
  CHECK(kl(ae::Binarize::kDynamic, some, 1) != kl(ae::Binarize::kDynamic, some, 2));
}

TEST_CASE("what has no likelihood is refused") {
  const auto of = [](const ae::Spec& spec) {
    ae::log_likelihood(ae::make_autoencoder(spec, 1), Tensor({1, 6}, DType::kF32), 1);
  };
  ae::Spec spec = one_code_vae();
  spec.binarize = ae::Binarize::kNone;
  CHECK_THROWS_WITH_AS(
      of(spec),
      "log_likelihood: the loss is no likelihood: needs bce of binarized pixels, or gaussian",
      Error);
  CHECK_THROWS_WITH_AS(of({.encoder = {6, 2}}),
                       "log_likelihood: the model has no posterior: needs a Gaussian code", Error);
}

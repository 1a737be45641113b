#include "ae/measure/likelihood.h"

#include <fmt/core.h>

#include "ae/measure/density.h"
#include "ae/papers/streams.h"
#include "ae/papers/vae.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"

namespace hourglass::ae {
namespace {

void check_likelihood(const Spec& spec) {
  const bool binary = spec.loss == Loss::kBce && spec.output == nn::Activation::kSigmoid &&
                      spec.binarize != Binarize::kNone;
  if (!spec.gaussian()) {
    throw Error("log_likelihood: the model has no posterior: needs a Gaussian code");
  }
  if (spec.classes > 0) throw Error("log_likelihood: the model is class-conditional");
  if (spec.missing != Missing::kNone || spec.scale == Scale::kLog1p) {
    throw Error("log_likelihood: the model learns around missing values, or from logarithms");
  }
  if (spec.loss == Loss::kBce ? !binary : !traits_of(spec.loss).likelihood) {
    throw Error(
        "log_likelihood: the loss is no likelihood: needs bce of binarized pixels, or gaussian");
  }
}

// log p(x | z) of each row.
Var log_given_code(const Autoencoder& model, const Encoded& encoded, const Var& x) {
  return -sum(elementwise_loss(model.spec.loss, model.loss_input(encoded, x)), {1});
}

}  // namespace

Tensor binarise_once(const Tensor& images, std::uint64_t seed, std::uint32_t set) {
  const Tensor draws =
      uniform(key_of(seed), streams::kBinarize, set, images.shape(), 0, 1, DType::kF32);
  const Tensor grey = images.cast(DType::kF32);
  const float scale = images.dtype() == DType::kU8 ? 255.0F : 1.0F;
  Tensor x(images.shape(), DType::kU8);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const bool white = grey.data<float>()[i] / scale > draws.data<float>()[i];
    x.data<std::uint8_t>()[i] = white ? 255 : 0;
  }
  return x;
}

Tensor likelihood_images(const Autoencoder& model, const Tensor& images, std::uint64_t seed) {
  const Spec& spec = model.spec;
  const bool drawn = spec.binarize == Binarize::kDynamic || spec.binarize == Binarize::kStatic;
  const Tensor x = model.scaled(constant(drawn ? binarise_once(images, seed) : images)).value();
  if (spec.binarize == Binarize::kNone) return x;
  return greater(constant(x), full(x.shape(), 0.5)).value();
}

std::vector<double> log_likelihood(const Autoencoder& model, const Tensor& images, int samples,
                                   std::uint64_t seed) {
  check_likelihood(model.spec);
  const auto log_weight = [&](const Var& x, Step& step) {
    const Encoded encoded = model.encode(x);
    const Posterior& q = encoded.posterior;
    const Stream stream = step.stream(streams::kPosterior);
    const Var z = reparameterise(q, step.key, stream);
    return log_given_code(model, encoded.with_code(z), x) + log_prior_ratio(q, step.key, stream);
  };
  return importance_log_likelihood(log_weight, likelihood_images(model, images, seed), samples,
                                   seed);
}

}  // namespace hourglass::ae

// Vincent, "A connection between score matching and denoising autoencoders", 2011; Alain and
// Bengio, "What regularized auto-encoders learn from the data-generating distribution", 2014: the
// least squared error of E |r(x + e) - x|^2 has r(x) = x + sigma^2 d log p(x) / dx, p with the
// noise.

#include "ae/measure/denoising_score.h"

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var denoising_score(const Autoencoder& model, const Var& x) {
  const Spec& spec = model.spec;
  if (spec.corruption.size() != 1 || spec.corruption[0].noise != Noise::kGaussian) {
    throw Error("denoising_score: the model must be trained under Gaussian noise, and no other");
  }
  const bool squared =
      spec.loss == Loss::kMse || spec.loss == Loss::kGaussian || spec.loss == Loss::kLearntGaussian;
  if (!squared) {
    throw Error("denoising_score: the loss must be squared error: it is " +
                std::string(name_of(spec.loss)));
  }
  const double sigma = spec.corruption[0].level;
  return (model.reconstruct(x, model.no_labels(x.size(0))) - x) / (sigma * sigma);
}

}  // namespace hourglass::ae

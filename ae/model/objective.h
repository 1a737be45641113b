#pragma once

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "autograd/ops/step.h"
#include "nn/train/objective.h"

namespace hourglass::ae {

// What a model is trained by: the reconstruction error, the code rule's terms, the penalties. Terms
// are named "mse" or "bce" where they are means per pixel, "sse_per_image", "bce_per_image",
// "kl_per_image" where they are sums per image, and penalties by their own names. Images are
// corrupted while step.training.
nn::Objective objective(const Autoencoder& model, const Batch& batch, Step& step);

// What a model's discriminator is trained by, against the encoder, which is held.
nn::Objective discriminator_objective(const Autoencoder& model, const Batch& batch, Step& step);

// What each image costs, [B]: its reconstruction error, summed over pixels, and of a Gaussian code
// beta times the KL divergence. Without noise: the code is the posterior's mean.
Var image_losses(const Autoencoder& model, const Batch& batch, const Step& step);

inline nn::Objective objective(const Autoencoder& model, const Var& images, Step& step) {
  return objective(model, Batch{images}, step);
}

}  // namespace hourglass::ae

#pragma once

#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "autograd/ops/step.h"

namespace hourglass::ae {

// The loss as trained and the terms it is the weighted sum of, by name.
struct Term {
  std::string name;
  Var value;  // a scalar
  double weight = 1;
  Var ramp = {};  // a scalar that the weight is multiplied by, where it changes from step to step
};
struct Objective {
  Var loss;
  std::vector<Term> terms;
  std::vector<Var> parts;  // of each term what it adds to the loss: weight * ramp * value
};
Objective make_objective(std::vector<Term> terms);  // the loss is the sum of the parts

// What an objective is a function of: images [B, D], as stored (u8) or real, in [0, 1], and their
// classes, i32 [B], where the model asks for them.
struct Batch {
  Var images;
  Var labels = {};
};

// What a model is trained by: the reconstruction error, the code rule's terms, the penalties. Terms
// are named "mse" or "bce" where they are means per pixel, "sse_per_image", "bce_per_image",
// "kl_per_image" where they are sums per image, and penalties by their own names. Images are
// corrupted while step.training.
Objective objective(const Autoencoder& model, const Batch& batch, Step& step);

// What each image costs, [B]: its reconstruction error, summed over pixels, and of a Gaussian code
// beta times the KL divergence. Without noise: the code is the posterior's mean.
Var image_losses(const Autoencoder& model, const Batch& batch, const Step& step);

inline Objective objective(const Autoencoder& model, const Var& images, Step& step) {
  return objective(model, Batch{images}, step);
}

}  // namespace hourglass::ae

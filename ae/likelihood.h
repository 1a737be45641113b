#pragma once

#include <cstdint>
#include <vector>

#include "ae/autoencoder.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Images as the model's likelihood is about them: f32 0 or 1 where it learnt from black and white
// (of `dynamic`, drawn once from the seed), else pixels. images [N, D], u8 or f32.
Tensor likelihood_images(const Spec& spec, const Tensor& images, std::uint64_t seed);

// An estimate of log p(x) of each image in nats, from so many draws of the posterior as importance
// distribution (density.h): a lower bound on average. It is a likelihood for a Gaussian code with
// black and white pixels and binary cross-entropy, or with the gaussian loss; Error for other
// models, and for those that are told classes.
std::vector<double> log_likelihood(const Autoencoder& model, const Tensor& images, int samples,
                                   std::uint64_t seed = 0);

}  // namespace hourglass::ae

#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Images as the model's likelihood is about them: f32 0 or 1 where it learnt from black and white
// (of `dynamic` and `static`, drawn once from the seed), else scaled. images [N, D], as stored.
Tensor likelihood_images(const Autoencoder& model, const Tensor& images, std::uint64_t seed);

// Images in black and white, u8 0 or 255, each pixel white with its value as probability: one draw
// an image, a function of (seed, set, its place); sets such as training and test images have
// numbers of their own. What Binarize::kStatic learns from, and the custom of the benchmark
// "binarized MNIST" (Salakhutdinov & Murray, "On the quantitative analysis of deep belief
// networks", 2008). u8 or f32, any shape [N, ...].
Tensor binarise_once(const Tensor& images, std::uint64_t seed, std::uint32_t set = 0);

// An estimate of log p(x) of each image in nats, from so many draws of the posterior as importance
// distribution (density.h): a lower bound on average. It is a likelihood for a Gaussian code with
// black and white pixels and binary cross-entropy, or with the gaussian loss; Error for other
// models, and for class-conditional ones.
std::vector<double> log_likelihood(const Autoencoder& model, const Tensor& images, int samples,
                                   std::uint64_t seed = 0);

}  // namespace hourglass::ae

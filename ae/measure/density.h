#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "nn/data/rows.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Are generated samples like the data, and are they new? Distances to the nearest training image,
// of samples and of real test images.
struct Novelty {
  double sample_distance = 0;  // means
  double test_distance = 0;
  // sample_distance / test_distance: near 1 for samples that are as close to the training images as
  // unseen real ones are; far below 1 for copies, far above for what resembles no image.
  double ratio = 0;
  // The part of the samples that is nearer to a training image than 99 in 100 test images are.
  double copies = 0;
};
Novelty novelty(const Tensor& samples, const nn::Rows& train, const nn::Rows& test);

// The log-likelihood in nats of each row of `points` [M, D] under a Gaussian of deviation `sigma`
// at each row of `samples` [N, D] (Parzen's estimate), in f64:
//   logsumexp_i(-|x - s_i|^2 / (2 sigma^2)) - log N - D / 2 log(2 pi sigma^2).
// An estimate for comparing with published figures: it says
// little about a model in many dimensions (Theis et al., "A note on the evaluation of generative
// models", 2016). Throws Error unless sigma > 0 and both have rows of one width.
std::vector<double> parzen_log_likelihood(const Tensor& samples, const Tensor& points,
                                          double sigma);

// The sigma of a list that gives `points` (validation images) the largest mean log-likelihood.
// Throws Error where the list is empty, a sigma is not above 0, or none gives them a likelihood.
double choose_parzen_sigma(const Tensor& samples, const Tensor& points,
                           const std::vector<double>& sigmas);

// log p(x) of each row of `images`, in nats, from `samples` draws of the importance weight
//   log w = log p(x, z) - log q(z | x), z ~ q(z | x):
// logsumexp(log w) - log samples, whose expectation is a lower bound that rises to log p(x) with
// the number of draws (Burda et al. 2016). `log_weight` gives [B] for one draw, with noise from the
// step; each draw is a run with the step advanced. Summed in f64. Throws Error where samples or batch
// are below 1.
std::vector<double> importance_log_likelihood(
    const std::function<Var(const Var& stored, Step& step)>& log_weight, const Tensor& images,
    int samples, std::uint64_t seed = 0, std::int64_t batch = 500);

}  // namespace hourglass::ae

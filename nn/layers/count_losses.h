#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "nn/layers/losses.h"

namespace hourglass::nn {

// Minus the logarithm of likelihoods of counts x >= 0, in nats. Shapes of x and of what is per
// element must be equal, else Error; `log_dispersion` may be one row [D] for all. Everything is
// taken from logarithms and logits, so that no tail overflows before the loss itself does.

// -x log softmax(z) of each element, which summed over a row is -log p(x | z, N) of the multinomial
// distribution of N = sum(x) draws, less log_multinomial_coefficient(x), which does not depend on z.
// The mean is N softmax(z).
Var multinomial_loss(const Var& logits, const Var& counts, Reduce over);
// log(N! / (x_1! x_2! ...)) of each row [..., D] -> [...].
Var log_multinomial_coefficient(const Var& counts);

// exp(z) - x z + log x!, z the logarithm of the mean.
Var poisson_loss(const Var& log_mean, const Var& counts, Reduce over);

// The negative binomial distribution of mean m and variance m + m^2 / t, t its (inverse)
// dispersion, as Lopez et al., "Deep generative modeling for single-cell transcriptomics", 2018,
// have it:
//   -log NB(x; m, t) = t log(1 + m / t) + x log(1 + t / m) - log(Gamma(x + t) / (Gamma(t) x!)),
// with the logarithms as softplus(log m - log t) and softplus(log t - log m). t is held between
// e^-15 and e^15, with derivative 0 beyond. It is worked out in f64: terms of the size of t log t
// cancel.
Var negative_binomial_loss(const Var& log_mean, const Var& log_dispersion, const Var& counts,
                           Reduce over);

// The same where a count is lost, is 0, with the probability p = sigmoid(dropout):
//   -log(p [x = 0] + (1 - p) NB(x; m, t)),
// the mixture's zeros by log-sum-exp. Lopez et al., 2018; Eraslan et al., "Single-cell RNA-seq
// denoising using a deep count autoencoder", 2019. The mean is (1 - p) m.
Var zero_inflated_negative_binomial_loss(const Var& log_mean, const Var& log_dispersion,
                                         const Var& dropout_logits, const Var& counts, Reduce over);

}  // namespace hourglass::nn

#pragma once

// Variational codes as graph code: a normal posterior q(z | x) with a diagonal covariance, the
// prior N(0, 1). Everything in nats; x [B, D], codes [B, H].

#include <cstdint>
#include <functional>
#include <vector>

#include "ae/papers/rule_name.h"
#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "tensor/fields.h"

namespace hourglass::ae {

struct Posterior {
  Var mean;          // [B, H]
  Var log_variance;  // [B, H]
};

// The code rule: two heads, mean and log variance of a normal posterior, in place of the encoder's
// last layer; what is decoded is drawn from it.
struct Gaussian {
  double beta = 1;           // weight of the KL term
  std::int64_t warm_up = 0;  // steps in which that rises from 0
  double free_bits = 0;      // nats of each dimension's KL that cost nothing
  std::int64_t samples = 1;  // draws an image, which are averaged
  bool importance = false;   // their importance-weighted bound is taken: Burda et al., 2016

  static constexpr RuleName kName = {.name = "gaussian",
                                     .option = "gaussian",
                                     .help = "A normal posterior over codes, as a VAE has it",
                                     .has_terms = true};
  static const std::vector<Field<Gaussian>>& fields();
  void check(std::int64_t code_width) const;  // Error where importance weights leave no room
  bool operator==(const Gaussian&) const = default;
};

// A draw of each row, z = mean + exp(log_variance / 2) e with e ~ N(0, 1): Kingma & Welling,
// "Auto-encoding variational Bayes", 2014, section 2.4. Differentiable in both.
Var reparameterise(const Posterior& q, const RandomKey& key, const Stream& stream);

// KL(q || N(0, 1)) of each dimension, the mean over rows: [H]. Their appendix B.
Var kl_by_dimension(const Posterior& q);

// Sum over dimensions of max(free_bits, KL): Kingma et al., "Improving variational inference with
// inverse autoregressive flow", 2016, the objective with free bits (one dimension a group). With 0
// the plain KL. A scalar, per image. Throws Error unless free_bits >= 0.
Var kl_with_free_bits(const Posterior& q, double free_bits);

// min(1, step / steps) as a scalar f32 of the step's own count, from 0 at the first; 1 where steps
// is 0 and outside of training. What a term is multiplied by to be warmed up.
Var warm_up(const Step& step, std::int64_t steps);

inline constexpr std::int64_t kMostSamples = 1000000;

// f(key) for `samples` keys made of one: [samples, ...], fresh noise in each, as one graph. Throws
// Error unless samples is 1 to kMostSamples.
Var over_samples(const std::function<Var(const RandomKey&)>& f, const RandomKey& key,
                 std::int64_t samples);

// log p(z) - log q(z | x) of each row, [B], at the draw z that `reparameterise` makes of this key
// and stream. With log p(x | z) added, the log of an importance weight.
Var log_prior_ratio(const Posterior& q, const RandomKey& key, const Stream& stream);

// log(mean over samples of exp(log_weights)) of each row: [samples, B] -> [B]. Burda, Grosse and
// Salakhutdinov, "Importance weighted autoencoders", 2016, equation 8: a lower bound of log p(x)
// that rises with the samples.
Var importance_bound(const Var& log_weights);

}  // namespace hourglass::ae

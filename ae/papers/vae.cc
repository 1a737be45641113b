// Kingma and Welling, "Auto-encoding variational Bayes", 2014.

#include "ae/papers/vae.h"

#include <fmt/core.h>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var reparameterise(const Posterior& q, const RandomKey& key, const Stream& stream) {
  const Var noise = random_normal(key, stream, q.mean.shape(), q.mean.dtype());
  return q.mean + exp(0.5 * q.log_variance) * noise;
}

Var kl_by_dimension(const Posterior& q) {
  return mean(kl_standard_normal(q.mean, q.log_variance), {0});
}

const std::vector<Field<Gaussian>>& Gaussian::fields() {
  static const std::vector<Field<Gaussian>> fields = {
      field("beta", "beta", "Weight of the KL term", &Gaussian::beta, at_least(0)),
      field("warm_up", "warm-up", "Steps in which beta rises from 0", &Gaussian::warm_up,
            at_least(0)),
      field("free_bits", "free-bits", "Nats of each dimension's KL that cost nothing",
            &Gaussian::free_bits, at_least(0)),
      field("samples", "samples", "Draws of the posterior an example", &Gaussian::samples,
            at_least(1)),
      field("importance", "importance", "The draws' importance-weighted bound in place of the ELBO",
            &Gaussian::importance)};
  return fields;
}

void Gaussian::check(std::int64_t) const {
  if (samples > kMostSamples) {
    throw Error(fmt::format("samples must be at most {}: got {}", kMostSamples, samples));
  }
  if (importance && (warm_up != 0 || free_bits != 0)) {
    throw Error("an importance-weighted bound has no KL term: leave out its warm-up and free bits");
  }
  if (importance && beta != 1) {
    throw Error(fmt::format("an importance-weighted bound has no beta: expected 1: got {}", beta));
  }
}

}  // namespace hourglass::ae

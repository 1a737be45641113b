// Kingma and Welling, "Auto-encoding variational Bayes", 2014.

#include "ae/papers/vae.h"

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"

namespace hourglass::ae {

Var reparameterise(const Posterior& q, const RandomKey& key, std::int64_t stream) {
  const Var noise = random_normal(key, stream, q.mean.shape(), q.mean.dtype());
  return q.mean + exp(0.5 * q.log_variance) * noise;
}

Var kl_by_dimension(const Posterior& q) {
  return mean(kl_standard_normal(q.mean, q.log_variance), {0});
}

}  // namespace hourglass::ae

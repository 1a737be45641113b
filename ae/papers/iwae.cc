// Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", 2016.

#include <fmt/core.h>

#include <cmath>

#include "ae/papers/vae.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var over_samples(const std::function<Var(const RandomKey&)>& f, const RandomKey& key,
                 std::int64_t samples) {
  if (samples < 1 || samples > kMostSamples) {
    throw Error(fmt::format("samples: expected 1 to {}: got {}", kMostSamples, samples));
  }
  // Sample s draws with a key whose second word is greater by s.
  std::vector<std::int32_t> shifts(static_cast<std::size_t>(2 * samples));
  for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s) {
    shifts[2 * s + 1] = static_cast<std::int32_t>(s);
  }
  const Var keys = key.words + constant(Tensor::from<std::int32_t>(shifts, Shape{samples, 2}));
  const Var words = input(key.words.shape(), key.words.dtype());
  return vmap(f({words, key.step}), {words}, {keys});
}

// The noise of the draw, not (z - mean) / deviation of a z that is rounded to the mean's digits.
Var log_prior_ratio(const Posterior& q, const RandomKey& key, const Stream& stream) {
  const Var noise = random_normal(key, stream, q.mean.shape(), q.mean.dtype());
  const Var z = reparameterise(q, key, stream);
  return sum(0.5 * (square(noise) + q.log_variance - square(z)), {1});
}

Var importance_bound(const Var& log_weights) {
  return logsumexp(log_weights, {0}) - std::log(static_cast<double>(log_weights.size(0)));
}

}  // namespace hourglass::ae

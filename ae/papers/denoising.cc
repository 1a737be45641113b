// Vincent, Larochelle, Lajoie, Bengio and Manzagol, "Stacked denoising autoencoders", 2010: the
// encoder sees a corrupted image, the loss compares with the clean one.

#include <numbers>

#include "ae/model/corruption.h"
#include "ae/model/streams.h"
#include "autograd/ops/ops.h"

namespace hourglass::ae {

Var corrupt(const Var& x, const Corruption& corruption, const RandomKey& key, std::int64_t stream) {
  check(corruption);
  const double level = corruption.level;
  const Shape& shape = x.shape();
  switch (corruption.noise) {
    case Noise::kGaussian:
      return x + level * random_normal(key, stream, shape, x.dtype());
    case Noise::kMasking:
      return x * random_bernoulli(key, stream, shape, 1 - level, x.dtype());
    case Noise::kSaltAndPepper: {
      const Var hit = random_bernoulli(key, stream, shape, level, x.dtype());
      const Var salt = random_bernoulli(key, stream + 1, shape, 0.5, x.dtype());
      return where(hit, salt, x);
    }
    case Noise::kCauchy:
      break;
  }
  // tan(pi (u - 1/2)) has the Cauchy distribution.
  const Var angle = std::numbers::pi * (random_uniform(key, stream, shape, x.dtype()) - 0.5);
  return clip(x + level * (sin(angle) / cos(angle)), 0, 1);
}

Var corrupt(const Var& x, const std::vector<Corruption>& corruptions, const Step& step) {
  if (!step.training) return x;
  Var noisy = x;
  std::int64_t stream = kCorruptionStream;
  for (const Corruption& corruption : corruptions) {
    noisy = corrupt(noisy, corruption, step.key, stream);
    stream += 2;
  }
  return noisy;
}

}  // namespace hourglass::ae

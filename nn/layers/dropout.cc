#include "nn/layers/dropout.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"

namespace hourglass::nn {

Var Dropout::operator()(const Var& x, const Step& step) const {
  if (!step.training || probability == 0) return x;
  const double kept = 1 - probability;
  return x * random_bernoulli(step.key, stream, x.shape(), kept, x.dtype()) * (1 / kept);
}

Dropout make_dropout(double probability, InitSource& source) {
  if (!(probability >= 0 && probability < 1)) {
    throw Error(fmt::format("dropout: the probability must be at least 0 and below 1: got {}",
                            probability));
  }
  return {probability, source.next_noise_stream++};
}

}  // namespace hourglass::nn

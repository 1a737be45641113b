#include "nn/layers/dropout.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"

namespace hourglass::nn {

Var Dropout::operator()(const Var& x, Step& step) const {
  if (!step.training || probability == 0) return x;
  const double kept = 1 - probability;
  return gate(x, random_bernoulli(step.key, step.stream(name), x.shape(), kept, x.dtype())) *
         (1 / kept);
}

Dropout make_dropout(double probability, std::string name) {
  if (!(probability >= 0 && probability < 1)) {
    throw Error(fmt::format("dropout: the probability must be at least 0 and below 1: got {}",
                            probability));
  }
  return {probability, std::move(name)};
}

}  // namespace hourglass::nn

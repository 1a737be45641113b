#include "nn/layers/dropout.h"

#include <fmt/core.h>

#include "autograd/graph/errors.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

void check_probability(double probability) {
  if (probability >= 0 && probability < 1) return;
  throw Error(
      fmt::format("dropout: the probability must be at least 0 and below 1: got {}", probability));
}

}  // namespace

Var Dropout::operator()(const Var& x, Step& step) const {
  check_real(x, "dropout");
  check_probability(probability);
  if (!step.training || probability == 0) return x;
  const double kept = 1 - probability;
  return gate(x, random_bernoulli(step.key, step.stream(name), x.shape(), kept, x.dtype())) *
         (1 / kept);
}

Dropout make_dropout(double probability, std::string name) {
  check_probability(probability);
  return {probability, std::move(name)};
}

}  // namespace hourglass::nn

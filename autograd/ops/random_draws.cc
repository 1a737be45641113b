#include <fmt/core.h>

#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"

// Distributions as graph code over the uniform draw.

namespace hourglass {

using namespace internal;

Var random_uniform(const RandomKey& key, const Stream& stream, const Shape& shape, double low,
                   double high, DType dtype) {
  if (!(low <= high)) {
    throw Error(fmt::format("random_uniform: low must not exceed high: {} vs {}", low, high));
  }
  return low + (high - low) * random_uniform(key, stream, shape, dtype);
}

Var random_bernoulli(const RandomKey& key, const Stream& stream, const Var& probability) {
  if (!probability.defined() || !is_real(probability.dtype())) {
    throw Error("random_bernoulli: probabilities must be f32 or f64");
  }
  const Var u = random_uniform(key, stream, probability.shape(), probability.dtype());
  return less(u, probability);
}

Var random_bernoulli(const RandomKey& key, const Stream& stream, const Shape& shape,
                     double probability, DType dtype) {
  if (!(probability >= 0 && probability <= 1)) {
    throw Error(fmt::format("random_bernoulli: probability must be 0 to 1: got {}", probability));
  }
  return random_bernoulli(key, stream, full(shape, probability, dtype));
}

Var random_gumbel(const RandomKey& key, const Stream& stream, const Shape& shape, DType dtype) {
  return -log(-log(random_uniform(key, stream, shape, dtype)));
}

// Numbers are sorted by two draws each, the second deciding first: 46 bits, so that ties, which
// keep their order, are rare for any n.
Var random_permutation(const RandomKey& key, const Stream& stream, std::int64_t n) {
  const Shape pairs = checked_shape({2, n}, "random_permutation", {});
  const Var draws = random_uniform(key, stream, pairs);
  const Var first = argsort(reshape(slice(draws, 0, {0, 1}), Shape{n}));
  const Var second = reshape(slice(draws, 0, {1, 2}), Shape{n});
  return take(first, argsort(take(second, first, 0)), 0);
}

}  // namespace hourglass

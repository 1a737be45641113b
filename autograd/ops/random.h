#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "tensor/random.h"

namespace hourglass {

// What random draws depend on: the two words of a Philox key, i32 [2], and the step, i32 []. Both
// are Vars: a step that advances gives fresh noise at each run. Leading axes are batches of keys
// (vmap).
struct RandomKey {
  Var words;
  Var step;
};

// The key of a seed, with a step of 0 where none is given.
RandomKey random_key(std::uint64_t seed, const Var& step = Var());

// Element i (row-major) of a draw is a function of (key, step, stream, i) alone, so equal calls are
// the same draw, in the value, the gradient and any recomputation, and row i does not depend on the
// batch size. A stream is a name. Two draws of one name must agree in shape and kind: compile and
// evaluate throw Error otherwise, and where two names have one hash. f64 draws hold the f32
// numbers, widened. The derivative with respect to the key is zero.
Var random_uniform(const RandomKey& key, const Stream& stream, const Shape& shape,
                   DType dtype = DType::kF32);  // in (0, 1)
Var random_normal(const RandomKey& key, const Stream& stream, const Shape& shape,
                  DType dtype = DType::kF32);  // mean 0, variance 1

// Distributions over the uniform draw; each takes a stream of its own, or it shares the uniform's
// bits. Bernoulli is 1 with the given probability (to 2^-24; exactly never for 0 and always for 1),
// in the probabilities' dtype, with derivative zero in them; Gumbel has location 0 and scale 1. A
// permutation holds 0 .. n - 1 as i32.
Var random_uniform(const RandomKey& key, const Stream& stream, const Shape& shape, double low,
                   double high, DType dtype = DType::kF32);
Var random_bernoulli(const RandomKey& key, const Stream& stream, const Var& probability);
Var random_bernoulli(const RandomKey& key, const Stream& stream, const Shape& shape,
                     double probability, DType dtype = DType::kF32);
Var random_gumbel(const RandomKey& key, const Stream& stream, const Shape& shape,
                  DType dtype = DType::kF32);
Var random_permutation(const RandomKey& key, const Stream& stream, std::int64_t n);

}  // namespace hourglass

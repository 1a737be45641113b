#pragma once

#include <cstdint>

#include "autograd/var.h"

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
// batch size. Two draws of one stream must agree in shape and kind: compile and evaluate throw
// Error otherwise. f64 draws hold the f32 numbers, widened. The derivative with respect to the key
// is zero.
Var random_uniform(const RandomKey& key, std::int64_t stream, const Shape& shape,
                   DType dtype = DType::kF32);  // in (0, 1)
Var random_normal(const RandomKey& key, std::int64_t stream, const Shape& shape,
                  DType dtype = DType::kF32);  // mean 0, variance 1

// Throws Error where two random nodes of one key and stream differ in shape or kind.
void check_streams(const std::vector<Var>& order);

}  // namespace hourglass

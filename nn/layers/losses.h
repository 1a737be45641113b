#pragma once

#include <cstdint>

#include "autograd/graph/var.h"

namespace hourglass::nn {

// What a loss is reduced over, always said: nothing is averaged silently.
enum class Reduce : std::uint8_t {
  kMeanOverElements,         // mean over examples and features: "per pixel"
  kSumOverElements,          // sum over everything
  kSumFeaturesMeanExamples,  // sum over features, mean over examples (axis 0): "per image"
  kNone                      // elementwise, in the shape of the inputs
};

Var reduce(const Var& elementwise, Reduce over);

// (y - target)^2. Shapes equal, else Error.
Var squared_error(const Var& y, const Var& target, Reduce over);

// -(t log p + (1 - t) log(1 - p)) for probabilities p in [0, 1] and targets t in [0, 1]. A
// logarithm is held at log(1e-37), about -85, with derivative 0 below, so that p = 0 and p = 1 stay
// finite to any order. Shapes equal, else Error.
Var binary_cross_entropy(const Var& probabilities, const Var& target, Reduce over);

// The same from logits z, p = sigmoid(z), as softplus(z) - t z: no probability is rounded to 0 or 1
// first, and the derivative is sigmoid(z) - t. Shapes equal, else Error.
Var binary_cross_entropy_with_logits(const Var& logits, const Var& target, Reduce over);

// -log softmax(logits)[label] of each example: logits [B, C], labels i32 [B], which must lie in
// [0, C): a label outside counts as no class and gives 0. "Elements" are examples: [B]. Error for
// other shapes, and for labels that are not i32.
Var softmax_cross_entropy(const Var& logits, const Var& labels, Reduce over);

}  // namespace hourglass::nn

#include "nn/layers/losses.h"

#include <fmt/core.h>

#include <cmath>

#include "autograd/graph/errors.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

constexpr double kSmallest = 1e-37;

void check_like(const char* who, const Var& y, const Var& target) {
  check_defined(y, who, "y");
  check_defined(target, who, "the target");
  if (y.shape() != target.shape()) {
    throw Error(fmt::format("{}: shapes differ: y={}, target={}", who, to_string(y.shape()),
                            to_string(target.shape())));
  }
}

// The argument of the logarithm is replaced, not only its value: an infinite derivative of a branch
// that is not taken would turn into 0 * inf.
Var held_log(const Var& p) {
  const Var inside = greater(p, full(p.shape(), kSmallest, p.dtype()));
  return where(inside, log(where(inside, p, ones_like(p))),
               full(p.shape(), std::log(kSmallest), p.dtype()));
}

}  // namespace

Var reduce(const Var& elementwise, Reduce over) {
  check_defined(elementwise, "reduce", "what is to be reduced");
  if (over == Reduce::kSumFeaturesMeanExamples && elementwise.rank() == 0) {
    throw Error("reduce: a mean over examples needs their axis: got []");
  }
  switch (over) {
    case Reduce::kMeanOverElements:
      return mean(elementwise);
    case Reduce::kSumOverElements:
      return sum(elementwise);
    case Reduce::kSumFeaturesMeanExamples:
      return sum(elementwise) / static_cast<double>(elementwise.size(0));
    case Reduce::kNone:
      break;
  }
  return elementwise;
}

Var squared_error(const Var& y, const Var& target, Reduce over) {
  check_like("squared_error", y, target);
  return reduce(square(y - target), over);
}

Var binary_cross_entropy(const Var& probabilities, const Var& target, Reduce over) {
  check_like("binary_cross_entropy", probabilities, target);
  return reduce(-(target * held_log(probabilities) + (1 - target) * held_log(1 - probabilities)),
                over);
}

Var binary_cross_entropy_with_logits(const Var& logits, const Var& target, Reduce over) {
  check_like("binary_cross_entropy_with_logits", logits, target);
  return reduce(logistic_loss(logits, target), over);
}

Var softmax_cross_entropy(const Var& logits, const Var& labels, Reduce over) {
  check_real(logits, "softmax_cross_entropy");
  check_defined(labels, "softmax_cross_entropy", "labels");
  if (labels.dtype() != DType::kI32) {
    throw Error(
        fmt::format("softmax_cross_entropy: labels must be i32: got {}: use cast(labels, "
                    "DType::kI32)",
                    name_of(labels.dtype())));
  }
  if (logits.rank() != 2 || labels.rank() != 1 || labels.size(0) != logits.size(0)) {
    throw Error(
        fmt::format("softmax_cross_entropy: shapes differ: logits={}, labels={}: expected "
                    "[B, C] and [B]",
                    to_string(logits.shape()), to_string(labels.shape())));
  }
  const Var chosen = one_hot(labels, logits.size(1), logits.dtype());
  return reduce(-sum(gate(log_softmax(logits), chosen), {1}), over);
}

}  // namespace hourglass::nn

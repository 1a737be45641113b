#include "nn/train/learning_rate.h"

#include <fmt/core.h>

#include <cmath>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {

LearningRate::LearningRate(double value) : number_(value) {
  if (!std::isfinite(value)) {
    throw Error(fmt::format("learning rate: must be finite: got {}", value));
  }
}

LearningRate::LearningRate(const Var& value) : var_(value) {
  if (value.defined() && value.rank() == 0 && is_real(value.dtype())) return;
  throw Error(fmt::format(
      "learning rate: must be a number or a real scalar: got {}",
      value.defined() ? fmt::format("{} {}", name_of(value.dtype()), to_string(value.shape()))
                      : "none"));
}

Var LearningRate::in(DType dtype) const {
  return var_.defined() ? cast(var_, dtype) : constant(number_, dtype);
}

}  // namespace hourglass::nn

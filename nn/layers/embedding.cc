#include "nn/layers/embedding.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "nn/layers/check_input.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

Var Embedding::operator()(const Var& indices) const {
  check_weights("embedding", weight, {});
  if (!indices.defined() || indices.dtype() != DType::kI32) {
    throw Error(fmt::format("embedding: expected i32 indices: got {}",
                            indices.defined() ? name_of(indices.dtype()) : "none"));
  }
  return embedding(weight, indices);
}

void Embedding::visit(const Visitor& visitor) { visitor("weight", weight); }

Embedding make_embedding(std::int64_t count, std::int64_t width, InitSource& source) {
  if (count < 1 || width < 1) {
    throw Error(
        fmt::format("embedding: sizes must be at least 1: count={}, width={}", count, width));
  }
  return {normal_parameter(source, Shape{count, width})};
}

}  // namespace hourglass::nn

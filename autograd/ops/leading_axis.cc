#include "autograd/ops/leading_axis.h"

#include <fmt/core.h>

#include <limits>
#include <vector>

#include "autograd/graph/errors.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::internal {

Var add_leading_axis(const Var& x, std::int64_t size) {
  // Sizes are matched from the last axis, so a broadcast of a broadcast is one.
  const Var& source = &x.op() == &broadcast_to_op ? x.inputs()[0] : x;
  return broadcast_to(source, x.shape().with_axis(0, size));
}

Var with_axis(const BatchCall& b, int i) {
  const auto k = static_cast<std::size_t>(i);
  return b.batched[k] ? b.inputs[k] : add_leading_axis(b.inputs[k], b.size);
}

Var joined_indices(const BatchCall& b, const Var& indices, std::int64_t n, std::int64_t step) {
  if (n > 0 && b.size > std::numeric_limits<std::int32_t>::max() / n) {
    throw Error(fmt::format("{}: too many elements for i32 indices: {} times {}", b.call.op.name,
                            b.size, n));
  }
  std::vector<std::int32_t> first;
  for (std::int64_t i = 0; i < b.size; ++i) first.push_back(static_cast<std::int32_t>(i * step));
  Sizes sizes(static_cast<std::size_t>(indices.rank()), 1);
  sizes[0] = b.size;
  const Var joined = indices + constant(Tensor::from<std::int32_t>(first, Shape(sizes)));
  const Var zero = constant(0, DType::kI32), last = constant(static_cast<double>(n), DType::kI32);
  const Var inside = greater_equal(indices, zero) * less(indices, last);
  return where(inside, joined, constant(-1, DType::kI32));
}

Var batch_as_it_is(const BatchCall& b) {
  return apply(b.call.op, {b.inputs[0]}, b.call.attributes);
}

int keep_all_but_last(const Call& c, int, int axis) {
  return axis < c[0].rank() - 1 ? axis : kMixed;
}

}  // namespace hourglass::internal

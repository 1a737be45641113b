#include "autograd/ops/leading_axis.h"

#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"

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

Var batch_as_it_is(const BatchCall& b) {
  return apply(b.call.op, {b.inputs[0]}, b.call.attributes);
}

int keep_all_but_last(const Call& c, int, int axis) {
  return axis < c[0].rank() - 1 ? axis : kMixed;
}

}  // namespace hourglass::internal

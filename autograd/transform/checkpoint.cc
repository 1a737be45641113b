#include "autograd/transform/checkpoint.h"

#include "autograd/graph/graph.h"
#include "autograd/graph/var_map.h"
#include "autograd/ops/first_input.h"
#include "autograd/ops/handles.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

TensorType checkpoint_type(const Call& c) {
  if (c.inputs.empty()) throw Error("checkpoint: needs a value");
  return {c[0].shape(), c[0].dtype()};
}

const Op& checkpoint_op = define({
    .name = "checkpoint",
    .type = checkpoint_type,
    .vjp = {[](const Call& c, const Var& g) { return c.argument == 0 ? g : Var(); }},
    .variadic = true,
    .linear = true,
    .batch =
        [](const BatchCall& b) {
          return apply(b.call.op, std::vector<Var>(b.inputs.begin(), b.inputs.end()));
        },
    .follow = follow_first,
    .is_view = true,
    .for_derivatives = true,
    .orders = true,
});

}  // namespace

bool is_checkpoint(const Var& x) { return &x.op() == &checkpoint_op; }

bool is_after(const Var& x) { return &x.op() == &after_op; }

CheckpointRegion checkpoint_region(const Var& mark) {
  const std::vector<Var> xs(mark.inputs().begin() + 1, mark.inputs().end());
  Replacements stop;
  for (const Var& x : xs) stop.insert(x, x);
  const std::vector<Var> order = ancestors({mark.inputs()[0]}, stop);
  const std::vector<bool> between = depends_on(order, xs);
  CheckpointRegion region;
  VarSet inside, read;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!between[i] || stop.contains(order[i])) continue;
    inside.insert(order[i]);
    region.inside.push_back(order[i]);
    for (const Var& input : order[i].inputs()) {
      if (!inside.contains(input) && read.insert(input)) region.reads.push_back(input);
    }
  }
  return region;
}

Function checkpoint(Function f) {
  if (!f) throw Error("checkpoint: the function is empty");
  return [f = std::move(f)](const std::vector<Var>& xs) {
    std::vector<Var> inputs = {f(xs)};
    inputs.insert(inputs.end(), xs.begin(), xs.end());
    return apply(checkpoint_op, std::move(inputs));
  };
}

}  // namespace hourglass

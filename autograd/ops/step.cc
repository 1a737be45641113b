#include "autograd/ops/step.h"

#include <fmt/core.h>

#include "autograd/graph/cost.h"
#include "autograd/graph/op.h"
#include "autograd/ops/first_input.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

// d new_value(x, p) = 1, 0
const Op& new_value_op = define({
    .name = "new_value",
    .type = [](const Call& c) { return type_of_first(c, 2); },
    .vjp = {[](const Call&, const Var& g) { return g; }, kZero},
    .linear = true,
    // A batch of values is not what the parameter becomes.
    .batch = [](const BatchCall& b) { return b.inputs[0]; },
    .follow = follow_first,
    .cost = cost_nothing,
    .is_view = true,
    .for_derivatives = true,
});

Var new_value(const Var& value, const Var& parameter) {
  return apply(new_value_op, {value, parameter});
}

bool is_new_value(const Var& x) { return &x.op() == &new_value_op; }

Var Step::update(const Var& parameter, const Var& value) {
  updates.push_back({parameter, new_value(value, parameter)});
  return updates.back().value;
}

Stream Step::stream(const Stream& own) {
  const std::string& scope = LabelScope::current();
  Stream stream = scope.empty() ? own : Stream(scope + "." + own.name());
  if (streams.insert(stream.name()).second) return stream;
  throw Error(
      fmt::format("step: the draws {} are another's in this step: give the layer or model a name, "
                  "or a LabelScope, of its own",
                  stream.name()));
}

Step make_step(std::uint64_t seed, bool training, std::int32_t first) {
  Step step;
  step.training = training;
  step.step = parameter(Tensor::scalar(first, DType::kI32)).named("step");
  step.key = random_key(seed, step.step);
  step.update(step.step, add(step.step, constant(1, DType::kI32)));
  return step;
}

}  // namespace hourglass

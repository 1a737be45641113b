#include <fmt/core.h>

#include "autograd/graph/cost.h"
#include "autograd/ops/first_input.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

int keep_axis(const Call&, int, int axis) { return axis; }

}  // namespace

// d cast(x) = cast back; between integers and reals there is no derivative to speak of.
const Op& internal::cast_op = define({
    .name = "cast",
    .type =
        [](const Call& c) {
          check_arity(c, 1);
          return TensorType{c[0].shape(), c.attributes.dtype("dtype")};
        },
    .kernel =
        [](const KernelCall& k) {
          kernels::cast(k.inputs[0].dtype, k.output.dtype, k.inputs[0].data, k.output.data,
                        k.elements());
        },
    .vjp = {[](const Call& c, const Var& g) {
      return is_real(c[0].dtype()) ? cast(g, c[0].dtype()) : Var();
    }},
    .linear = true,
    .batch = [](const BatchCall& b) { return cast(b.inputs[0], b.call.output.dtype()); },
    .follow = keep_axis,
});

const Op& internal::stop_gradient_op = define({
    .name = "stop_gradient",
    .type = [](const Call& c) { return type_of_first(c, 1); },
    .vjp = {kZero},
    .batch = [](const BatchCall& b) { return stop_gradient(b.inputs[0]); },
    .follow = keep_axis,
    .cost = cost_nothing,
    .is_view = true,
    .for_derivatives = true,
});

// d after(x, earlier) = 1, 0
const Op& internal::after_op = define({
    .name = "after",
    .type = [](const Call& c) { return type_of_first(c, 2); },
    .vjp = {[](const Call&, const Var& g) { return g; }, kZero},
    .linear = true,
    // A batch of `earlier` alone orders x, but does not reach it.
    .batch = [](const BatchCall& b) { return after(b.inputs[0], b.inputs[1]); },
    .follow = follow_first,
    .cost = cost_nothing,
    .is_view = true,
    .orders = true,
});

Var cast(const Var& x, DType dtype) {
  if (x.defined() && x.dtype() == dtype) return x;
  return apply(cast_op, {x}, {{"dtype", dtype}});
}
Var scale_u8(const Var& x, DType dtype) {
  if (!x.defined() || x.dtype() != DType::kU8) {
    throw Error(fmt::format("scale_u8: takes stored images, u8: a={}: got {}",
                            x.defined() ? to_string(x.shape()) : "nothing",
                            x.defined() ? name_of(x.dtype()) : "nothing"));
  }
  return cast(x, dtype) / 255;
}
Var stop_gradient(const Var& x) { return apply(stop_gradient_op, {x}); }
Var after(const Var& x, const Var& earlier) { return apply(after_op, {x, earlier}); }

}  // namespace hourglass

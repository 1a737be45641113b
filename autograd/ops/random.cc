#include <fmt/core.h>

#include "autograd/graph/op.h"
#include "autograd/ops/draw.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

// Inputs: key words i32 [K..., 2], step i32 [K...]; output [K..., shape...]: one draw a key.
TensorType random_type(const Call& c) {
  check_arity(c, 2);
  if (c[0].dtype() != DType::kI32 || c[1].dtype() != DType::kI32) {
    fail(c, "key and step must be i32",
         fmt::format("got {} and {}", name_of(c[0].dtype()), name_of(c[1].dtype())));
  }
  if (c[0].rank() == 0 || c[0].size(-1) != 2) fail(c, "a key is two words");
  std::vector<std::int64_t> sizes(c[0].shape().sizes().begin(), c[0].shape().sizes().end() - 1);
  if (c[1].shape() != Shape(sizes)) fail(c, "needs one step a key");
  const auto& drawn = c.attributes.integers("shape");
  sizes.insert(sizes.end(), drawn.begin(), drawn.end());
  const DType dtype = c.attributes.dtype("dtype");
  if (!is_real(dtype)) fail(c, "draws are f32 or f64", fmt::format("got {}", name_of(dtype)));
  return {Shape(sizes), dtype};
}

template <kernels::DrawFunction draw>
void random_kernel(const KernelCall& k) {
  Draw(draw, k.attributes).run(k.inputs[0].data, k.inputs[1].data, 0, k.output.data, k.elements());
}

// A key that is shared by the batch gives one draw, which vmap then broadcasts; so this is called
// for batched keys or steps only.
Var random_batch(const BatchCall& b) {
  return apply(b.call.op, {with_axis(b, 0), with_axis(b, 1)}, b.call.attributes);
}

const Op& uniform_op = define({
    .name = "random_uniform",
    .type = random_type,
    .kernel = random_kernel<kernels::random_uniform>,
    .vjp = {kZero, kZero},
    .draw = kernels::random_uniform,
    .batch = random_batch,
});

const Op& normal_op = define({
    .name = "random_normal",
    .type = random_type,
    .kernel = random_kernel<kernels::random_normal>,
    .vjp = {kZero, kZero},
    .draw = kernels::random_normal,
    .batch = random_batch,
});

Var draw(const Op& op, const RandomKey& key, const Stream& stream, const Shape& shape,
         DType dtype) {
  return apply(op, {key.words, key.step},
               {{"stream", stream.name()},
                {"number", std::int64_t{stream.number()}},
                {"shape", shape.sizes()},
                {"dtype", dtype}});
}

}  // namespace

RandomKey random_key(std::uint64_t seed, const Var& step) {
  const auto low = static_cast<std::int32_t>(static_cast<std::uint32_t>(seed));
  const auto high = static_cast<std::int32_t>(static_cast<std::uint32_t>(seed >> 32));
  return {constant(Tensor::from<std::int32_t>({low, high}, Shape{2})),
          step.defined() ? step : constant(0, DType::kI32)};
}

Var random_uniform(const RandomKey& key, const Stream& stream, const Shape& shape, DType dtype) {
  return draw(uniform_op, key, stream, shape, dtype);
}
Var random_normal(const RandomKey& key, const Stream& stream, const Shape& shape, DType dtype) {
  return draw(normal_op, key, stream, shape, dtype);
}

}  // namespace hourglass

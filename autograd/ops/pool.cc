#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

using Sizes = std::vector<std::int64_t>;

// --- max_pool2d_indices: x [B, C, H, W] -> i32 [B, C, H', W'], places in the plane [H, W].
// Max-pooling is a gather by them, which is linear in its data, so its derivatives need no rule
// here.

std::int64_t pool_places(const Call& c, std::size_t k) {
  const std::int64_t n = c[0].size(static_cast<int>(k) + 2);
  const std::int64_t window = c.attributes.integers("kernel")[k];
  const std::int64_t stride = c.attributes.integers("stride")[k];
  const std::int64_t dilation = c.attributes.integers("dilation")[k];
  const std::int64_t before = c.attributes.integers("padding")[2 * k];
  const std::int64_t after = c.attributes.integers("padding")[2 * k + 1];
  if (window < 1 || stride < 1 || dilation < 1 || before < 0 || after < 0) {
    fail(c, "kernel, stride and dilation must be at least 1, padding at least 0",
         to_string(c.attributes));
  }
  if (window > 1 && dilation > kMostElements / (window - 1)) {
    fail(c, "the window is larger than the padded input", to_string(c.attributes));
  }
  const std::int64_t reach = dilation * (window - 1) + 1;
  // A window must never lie in the padding as a whole: it would have no largest element.
  if (before >= reach || after >= reach) {
    fail(c, "padding must be smaller than the window",
         fmt::format("{} vs {}", std::max(before, after), reach));
  }
  if (reach > n + before + after) {
    fail(c, "the window is larger than the padded input",
         fmt::format("{} vs {}", reach, n + before + after));
  }
  const std::int64_t places = (n + before + after - reach) / stride + 1;
  for (std::int64_t u = 0; u < places; ++u) {
    bool inside = false;
    for (std::int64_t s = 0; s < window && !inside; ++s) {
      const std::int64_t at = u * stride + s * dilation - before;
      inside = at >= 0 && at < n;
    }
    if (!inside)
      fail(c, "a window lies between the pixels: it has no largest element",
           to_string(c.attributes));
  }
  return places;
}

TensorType indices_type(const Call& c) {
  check_arity(c, 1);
  if (c[0].rank() != 4) fail(c, "needs four axes", fmt::format("rank {}", c[0].rank()));
  check_real(c, 0);
  check_countable(c, c[0].size(2) * c[0].size(3));
  return {Shape{c[0].size(0), c[0].size(1), pool_places(c, 0), pool_places(c, 1)}, DType::kI32};
}

void indices_kernel(const KernelCall& k) {
  const Shape& x = *k.inputs[0].shape;
  const Shape& y = *k.output.shape;
  const Sizes& padding = k.attributes.integers("padding");
  kernels::Pool2d p;
  p.planes = x[0] * x[1];
  p.in_h = x[2];
  p.in_w = x[3];
  p.kernel_h = k.attributes.integers("kernel")[0];
  p.kernel_w = k.attributes.integers("kernel")[1];
  p.stride_h = k.attributes.integers("stride")[0];
  p.stride_w = k.attributes.integers("stride")[1];
  p.dilation_h = k.attributes.integers("dilation")[0];
  p.dilation_w = k.attributes.integers("dilation")[1];
  p.pad_top = padding[0];
  p.pad_left = padding[2];
  p.out_h = y[2];
  p.out_w = y[3];
  kernels::max_pool2d_indices(k.inputs[0].dtype, p, k.inputs[0].data, k.output.as<std::int32_t>());
}

const Op& max_pool2d_indices_op = define({
    .name = "max_pool2d_indices",
    .type = indices_type,
    .kernel = indices_kernel,
    .vjp = {kZero},
    .batch =
        [](const BatchCall& b) {
          const Var& x = b.inputs[0];
          const Var folded =
              reshape(x, Shape{x.size(0) * x.size(1), x.size(2), x.size(3), x.size(4)});
          const Var y = apply(b.call.op, {folded}, b.call.attributes);
          return reshape(y, b.call.output.shape().with_axis(0, b.size));
        },
    .follow = [](const Call&, int, int axis) { return axis < 2 ? axis : kMixed; },
});

// [B, C, H, W] -> [B, C, H W]
Var flat_planes(const Var& x) {
  return reshape(x, Shape{x.size(0), x.size(1), x.size(2) * x.size(3)});
}

}  // namespace

MaxPool max_pool2d(const Var& x, const PoolOptions& options) {
  check_defined(x, "max_pool2d");
  const Attributes attributes = {
      {"kernel", Sizes(options.kernel.begin(), options.kernel.end())},
      {"stride", Sizes(options.stride.begin(), options.stride.end())},
      {"padding", Sizes(options.padding.begin(), options.padding.end())},
      {"dilation", Sizes(options.dilation.begin(), options.dilation.end())}};
  const Var indices = in_context_of("max_pool2d", {x},
                                    [&] { return apply(max_pool2d_indices_op, {x}, attributes); });
  const Var values = take_along(flat_planes(x), flat_planes(indices));
  return {reshape(values, indices.shape()), indices};
}

Var max_unpool2d(const Var& values, const Var& indices, std::array<std::int64_t, 2> image) {
  check_defined(values, "max_unpool2d");
  check_defined(indices, "max_unpool2d");
  if (values.rank() != 4 || values.shape() != indices.shape()) {
    throw Error(fmt::format("max_unpool2d: needs four axes and one index a value: a={}, b={}",
                            to_string(values.shape()), to_string(indices.shape())));
  }
  const Shape y = checked_shape({values.size(0), values.size(1), image[0], image[1]},
                                "max_unpool2d", {values.shape(), indices.shape()});
  const Var spread = in_context_of("max_unpool2d", {values, indices}, [&] {
    return scatter_along(flat_planes(values), flat_planes(indices), image[0] * image[1]);
  });
  return reshape(spread, y);
}

}  // namespace hourglass

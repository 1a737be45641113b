#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/cost.h"
#include "autograd/graph/term.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/product.h"
#include "tensor/error.h"

// conv2d, its input gradient and its weight gradient. Each is linear in both of its arguments, and
// its derivatives are the other two, so the three are closed under differentiation.

namespace hourglass {

using namespace internal;

namespace {

using Sizes = std::vector<std::int64_t>;

Attributes attributes_of(const ConvOptions& o) {
  return {{"stride", Sizes(o.stride.begin(), o.stride.end())},
          {"padding", Sizes(o.padding.begin(), o.padding.end())},
          {"dilation", Sizes(o.dilation.begin(), o.dilation.end())},
          {"groups", o.groups}};
}

Attributes with_size(const ConvOptions& o, const char* name, std::array<std::int64_t, 2> size) {
  std::vector<Attributes::Entry> entries = attributes_of(o).entries();
  entries.emplace_back(name, Sizes(size.begin(), size.end()));
  return Attributes(std::move(entries));
}

ConvOptions options_of(const Attributes& a) {
  ConvOptions o;
  std::copy_n(a.integers("stride").begin(), 2, o.stride.begin());
  std::copy_n(a.integers("padding").begin(), 4, o.padding.begin());
  std::copy_n(a.integers("dilation").begin(), 2, o.dilation.begin());
  o.groups = a.integer("groups");
  return o;
}

std::array<std::int64_t, 2> pair_of(const Attributes& a, const char* name) {
  const Sizes& s = a.integers(name);
  return {s[0], s[1]};
}

std::array<std::int64_t, 2> plane_of(const Var& x) { return {x.size(2), x.size(3)}; }

void check_operands(const Call& c) {
  check_arity(c, 2);
  for (int i : {0, 1}) {
    if (c[i].rank() != 4) fail(c, "needs four axes", fmt::format("rank {}", c[i].rank()));
    check_real(c, i);
  }
  check_same_dtype(c);
  const ConvOptions o = options_of(c.attributes);
  for (int i : {0, 1}) {
    const auto k = static_cast<std::size_t>(i);
    if (o.stride[k] < 1 || o.dilation[k] < 1 || o.padding[2 * k] < 0 || o.padding[2 * k + 1] < 0) {
      fail(c, "strides and dilations must be at least 1, padding at least 0",
           to_string(c.attributes));
    }
  }
  if (o.groups < 1) fail(c, "groups must be at least 1", fmt::format("got {}", o.groups));
}

// Checks channels against groups: the image has `channels`, the weight [out, in_group, ..].
void check_channels(const Call& c, std::int64_t channels, std::int64_t out, std::int64_t in_group,
                    std::int64_t groups) {
  if (channels != in_group * groups) {
    fail(c, "input channels differ",
         fmt::format("{} vs {} a group x {} groups", channels, in_group, groups));
  }
  if (out % groups != 0) {
    fail(c, "output channels must be a multiple of groups", fmt::format("{} vs {}", out, groups));
  }
}

// The number of places of a window along axis k (0 down, 1 across) of an image of size n.
std::int64_t places(const Call& c, const ConvOptions& o, std::size_t k, std::int64_t n,
                    std::int64_t window) {
  if (std::max(o.padding[2 * k], o.padding[2 * k + 1]) > kMostElements) {
    fail(c, "too many elements", to_string(c.attributes));
  }
  if (window > 1 && o.dilation[k] > kMostElements / (window - 1)) {
    fail(c, "the kernel is larger than the padded input", to_string(c.attributes));
  }
  const std::int64_t padded = n + o.padding[2 * k] + o.padding[2 * k + 1];
  const std::int64_t reach = o.dilation[k] * (window - 1) + 1;
  if (window < 1) fail(c, "the kernel must not be empty", fmt::format("size {}", window));
  if (reach > padded) {
    fail(c, "the kernel is larger than the padded input", fmt::format("{} vs {}", reach, padded));
  }
  return (padded - reach) / o.stride[k] + 1;
}

void check_places(const Call& c, const ConvOptions& o, std::array<std::int64_t, 2> image,
                  std::array<std::int64_t, 2> kernel, const Var& g) {
  for (std::size_t k : {0u, 1u}) {
    const std::int64_t expected = places(c, o, k, image[k], kernel[k]);
    if (g.size(static_cast<int>(k) + 2) != expected) {
      fail(c, "the cotangent has another size than the convolution's output",
           fmt::format("{} vs {}", g.size(static_cast<int>(k) + 2), expected));
    }
  }
}

TensorType conv_type(const Call& c) {
  check_operands(c);
  const ConvOptions o = options_of(c.attributes);
  check_channels(c, c[0].size(1), c[1].size(0), c[1].size(1), o.groups);
  return {Shape{c[0].size(0), c[1].size(0), places(c, o, 0, c[0].size(2), c[1].size(2)),
                places(c, o, 1, c[0].size(3), c[1].size(3))},
          c[0].dtype()};
}

TensorType input_gradient_type(const Call& c) {
  check_operands(c);
  const ConvOptions o = options_of(c.attributes);
  const auto image = pair_of(c.attributes, "image");
  if (c[0].size(1) != c[1].size(0)) {
    fail(c, "output channels differ", fmt::format("{} vs {}", c[0].size(1), c[1].size(0)));
  }
  check_channels(c, c[1].size(1) * o.groups, c[1].size(0), c[1].size(1), o.groups);
  check_places(c, o, image, plane_of(c[1]), c[0]);
  return {Shape{c[0].size(0), c[1].size(1) * o.groups, image[0], image[1]}, c[0].dtype()};
}

TensorType weight_gradient_type(const Call& c) {
  check_operands(c);
  const ConvOptions o = options_of(c.attributes);
  const auto kernel = pair_of(c.attributes, "kernel");
  if (c[0].size(0) != c[1].size(0)) {
    fail(c, "batch sizes differ", fmt::format("{} vs {}", c[0].size(0), c[1].size(0)));
  }
  if (c[0].size(1) % o.groups != 0) {
    fail(c, "input channels must be a multiple of groups",
         fmt::format("{} vs {}", c[0].size(1), o.groups));
  }
  check_channels(c, c[0].size(1), c[1].size(1), c[0].size(1) / o.groups, o.groups);
  check_places(c, o, plane_of(c[0]), kernel, c[1]);
  return {Shape{c[1].size(1), c[0].size(1) / o.groups, kernel[0], kernel[1]}, c[0].dtype()};
}

// The kernels' description, from the image x, the weight w and the output g of the forward
// convolution.
kernels::Conv2d geometry(const Attributes& a, const Shape& x, const Shape& w, const Shape& g) {
  const ConvOptions o = options_of(a);
  kernels::Conv2d c;
  c.batch = x[0];
  c.in_channels = x[1];
  c.out_channels = g[1];
  c.groups = o.groups;
  c.in_h = x[2];
  c.in_w = x[3];
  c.kernel_h = w[2];
  c.kernel_w = w[3];
  c.stride_h = o.stride[0];
  c.stride_w = o.stride[1];
  c.dilation_h = o.dilation[0];
  c.dilation_w = o.dilation[1];
  c.pad_top = o.padding[0];
  c.pad_bottom = o.padding[1];
  c.pad_left = o.padding[2];
  c.pad_right = o.padding[3];
  c.out_h = g[2];
  c.out_w = g[3];
  return c;
}

const Shape& shape_of(const KernelCall& k, int i) {
  return *k.inputs[static_cast<std::size_t>(i)].shape;
}

void conv_kernel(const KernelCall& k) {
  kernels::conv2d(k.output.dtype,
                  geometry(k.attributes, shape_of(k, 0), shape_of(k, 1), *k.output.shape),
                  k.inputs[0].data, k.inputs[1].data, k.output.data);
}

void input_gradient_kernel(const KernelCall& k) {
  kernels::conv2d_input_gradient(
      k.output.dtype, geometry(k.attributes, *k.output.shape, shape_of(k, 1), shape_of(k, 0)),
      k.inputs[0].data, k.inputs[1].data, k.output.data);
}

void weight_gradient_kernel(const KernelCall& k) {
  kernels::conv2d_weight_gradient(
      k.output.dtype, geometry(k.attributes, shape_of(k, 0), *k.output.shape, shape_of(k, 1)),
      k.inputs[0].data, k.inputs[1].data, k.output.data);
}

// --- batching. Images that gained an axis [N, B, ..] are N B images as long as the weight is
// shared. Where each of the N has a weight of its own they are N times the groups instead: [B, N C,
// ..].

Var fold_images(const Var& x) {  // [N, B, C, H, W] -> [N B, C, H, W]
  return reshape(x, Shape{x.size(0) * x.size(1), x.size(2), x.size(3), x.size(4)});
}
Var unfold_images(const Var& y, std::int64_t n) {
  return reshape(y, Shape{n, y.size(0) / n, y.size(1), y.size(2), y.size(3)});
}
Var fold_channels(const Var& x) {  // [N, B, C, H, W] -> [B, N C, H, W]
  return reshape(transpose(x, {1, 0, 2, 3, 4}),
                 Shape{x.size(1), x.size(0) * x.size(2), x.size(3), x.size(4)});
}
Var unfold_channels(const Var& y, std::int64_t n) {
  return transpose(reshape(y, Shape{y.size(0), n, y.size(1) / n, y.size(2), y.size(3)}),
                   {1, 0, 2, 3, 4});
}

Var batched_weight(const BatchCall& b,
                   Var (*f)(const Call&, const Var&, const Var&, const ConvOptions&)) {
  ConvOptions o = options_of(b.call.attributes);
  if (!b.batched[1]) {
    return unfold_images(f(b.call, fold_images(b.inputs[0]), b.inputs[1], o), b.size);
  }
  o.groups *= b.size;
  return unfold_channels(f(b.call, fold_channels(with_axis(b, 0)), fold_images(b.inputs[1]), o),
                         b.size);
}

Var conv_batch(const BatchCall& b) {
  return batched_weight(b, [](const Call&, const Var& x, const Var& w, const ConvOptions& o) {
    return conv2d(x, w, o);
  });
}

Var input_gradient_batch(const BatchCall& b) {
  return batched_weight(b, [](const Call& c, const Var& g, const Var& w, const ConvOptions& o) {
    return conv2d_input_gradient(g, w, pair_of(c.attributes, "image"), o);
  });
}

Var weight_gradient_batch(const BatchCall& b) {
  ConvOptions o = options_of(b.call.attributes);
  o.groups *= b.size;
  const Var dw =
      conv2d_weight_gradient(fold_channels(with_axis(b, 0)), fold_channels(with_axis(b, 1)),
                             pair_of(b.call.attributes, "kernel"), o);
  return unfold_images(dw, b.size);
}

int follow_images(const Call&, int argument, int axis) {
  return argument == 0 && axis == 0 ? 0 : kMixed;
}

// --- cost. All three run the same loop: the images at the small side [N, O, .., ..] times what one
// output channel of the weight [O, C / groups, .., ..] has.

double loop_cost(const Shape& small, const Shape& weight) {
  return static_cast<double>(small.elements()) * static_cast<double>(weight.elements()) /
         static_cast<double>(std::max<std::int64_t>(1, weight[0]));
}

// --- form. y[n, o, q] = sum over c and t of x[n, c, u] w[o, c, t] with u = stride q + dilation t -
// pad is a product of x, w and one tap an axis; so is its input gradient, with the same taps.

// Images [n, channels, down, across] with the channels as [groups, of one group].
bool split_groups(contract::Term& images, std::int64_t groups) {
  const Shape shape = contract::shape_of(images.out);
  return contract::reshape(images, {shape[0], groups, shape[1] / groups, shape[2], shape[3]});
}

// An identity reaches every channel and position: what they are is known from the first axis.
// Elsewhere the taps would be multiplied out, which is no convolution any more.
bool is_reached(const contract::Term& images) {
  for (std::size_t i = 1; i < images.out.size(); ++i) {
    for (contract::Label label : images.out[i]) {
      if (!contract::contains(images.out[0], label)) return false;
    }
  }
  return true;
}

template <bool forward>
std::optional<contract::Term> conv_form(const Call& c, const contract::Term& images,
                                        const contract::Term& weight) {
  if (!is_reached(images)) return {};
  const ConvOptions o = options_of(c.attributes);
  contract::Term x = images, w = weight;
  const Shape kernel = contract::shape_of(weight.out);
  if (!split_groups(x, o.groups) ||
      !contract::reshape(w, {o.groups, kernel[0] / o.groups, kernel[1], kernel[2], kernel[3]})) {
    return {};
  }
  // out: [n, group, channel, down, across | group, out channel, in channel, down, across]
  std::optional<contract::Term> result = contract::multiply(x, w, {{1, 0}, {2, forward ? 2 : 1}});
  if (!result) return {};
  const contract::Axes& all = result->out;
  contract::Axis channels = all[1];
  const contract::Axis& other = all[forward ? 6 : 7];
  channels.insert(channels.end(), other.begin(), other.end());
  contract::Axes out = {all[0], channels};
  for (std::size_t k : {0u, 1u}) {
    const std::int64_t size = c.output.size(static_cast<int>(k) + 2);
    const contract::Axis place =
        size == 1 ? contract::Axis{} : contract::Axis{contract::fresh(size)};
    contract::Factor factor;
    factor.tap = {o.stride[k], o.dilation[k], o.padding[2 * k]};
    factor.axes = {forward ? all[3 + k] : place, forward ? place : all[3 + k], all[8 + k]};
    result->factors.push_back(std::move(factor));
    out.push_back(place);
  }
  result->out = std::move(out);
  return result;
}

// d conv(x, w) = input_gradient(g, w), weight_gradient(x, g)
const Op& conv2d_op = define({
    .name = "conv2d",
    .type = conv_type,
    .kernel = conv_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              return conv2d_input_gradient(g, c[1], plane_of(c[0]), options_of(c.attributes));
            },
            [](const Call& c, const Var& g) {
              return conv2d_weight_gradient(c[0], g, plane_of(c[1]), options_of(c.attributes));
            }},
    .linear = true,
    .batch = conv_batch,
    .follow = follow_images,
    .cost = [](const Call& c) { return loop_cost(c.output.shape(), c[1].shape()); },
    .form = {.product = conv_form<true>},
    .product = true,
});

// d input_gradient(u, w) = conv(g, w), weight_gradient(g, u)
const Op& input_gradient_op = define({
    .name = "conv2d_input_gradient",
    .type = input_gradient_type,
    .kernel = input_gradient_kernel,
    .vjp = {[](const Call& c, const Var& g) { return conv2d(g, c[1], options_of(c.attributes)); },
            [](const Call& c, const Var& g) {
              return conv2d_weight_gradient(g, c[0], plane_of(c[1]), options_of(c.attributes));
            }},
    .linear = true,
    .batch = input_gradient_batch,
    .follow = follow_images,
    .cost = [](const Call& c) { return loop_cost(c[0].shape(), c[1].shape()); },
    .form = {.product = conv_form<false>},
    .product = true,
});

// d weight_gradient(x, u) = input_gradient(u, g), conv(x, g)
const Op& weight_gradient_op = define({
    .name = "conv2d_weight_gradient",
    .type = weight_gradient_type,
    .kernel = weight_gradient_kernel,
    .vjp = {[](const Call& c, const Var& g) {
              return conv2d_input_gradient(c[1], g, plane_of(c[0]), options_of(c.attributes));
            },
            [](const Call& c, const Var& g) { return conv2d(c[0], g, options_of(c.attributes)); }},
    .linear = true,
    .batch = weight_gradient_batch,
    .cost = [](const Call& c) { return loop_cost(c[1].shape(), c.output.shape()); },
    .product = true,
});

}  // namespace

ConvOptions same_conv(std::int64_t stride, std::int64_t padding) {
  return {.stride = {stride, stride}, .padding = {padding, padding, padding, padding}};
}

bool internal::is_dense_conv(const Var& x) {
  return &x.op() == &conv2d_op && kernels::is_dense(geometry(x.attributes(), x.inputs()[0].shape(),
                                                             x.inputs()[1].shape(), x.shape()));
}

Var conv2d(const Var& x, const Var& w, const ConvOptions& options) {
  return apply(conv2d_op, {x, w}, attributes_of(options));
}

Var conv2d_input_gradient(const Var& g, const Var& w, std::array<std::int64_t, 2> image,
                          const ConvOptions& options) {
  return apply(input_gradient_op, {g, w}, with_size(options, "image", image));
}

Var conv2d_weight_gradient(const Var& x, const Var& g, std::array<std::int64_t, 2> kernel,
                           const ConvOptions& options) {
  return apply(weight_gradient_op, {x, g}, with_size(options, "kernel", kernel));
}

}  // namespace hourglass

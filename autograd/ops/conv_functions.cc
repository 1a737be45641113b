#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

void check_images(const Var& x, int rank, const char* who) {
  check_defined(x, who);
  if (x.rank() == rank) return;
  throw Error(
      fmt::format("{}: needs {} axes: a={}: rank {}", who, rank, to_string(x.shape()), x.rank()));
}

ConvOptions two_dimensional(const Conv1dOptions& o) {
  return {.stride = {1, o.stride},
          .padding = {0, 0, o.padding[0], o.padding[1]},
          .dilation = {1, o.dilation},
          .groups = o.groups};
}

Var add_height(const Var& x) { return expand_dims(x, 2); }  // [B, C, L] -> [B, C, 1, L]
Var drop_height(const Var& y) { return reshape(y, y.shape().without_axis(2)); }

// [m, n]: row i holds the weights with which pixel i of m is made of the n pixels of the original.
Tensor bilinear_matrix(std::int64_t n, std::int64_t m, DType dtype) {
  Tensor matrix(Shape{m, n}, DType::kF64);
  const double scale = static_cast<double>(n) / static_cast<double>(m);
  for (std::int64_t i = 0; i < m; ++i) {
    const double at =
        std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0, static_cast<double>(n - 1));
    const auto low = static_cast<std::int64_t>(at);
    const std::int64_t high = std::min(low + 1, n - 1);
    double* row = matrix.data<double>() + i * n;
    row[low] += 1 - (at - static_cast<double>(low));
    row[high] += at - static_cast<double>(low);
  }
  return matrix.cast(dtype);
}

// Where the padding of an output is as long as the stride, a convolution of the output has places
// that x does not: nothing comes from them.
Var with_zeros_behind(const Var& x, std::array<std::int64_t, 2> more) {
  if (more[0] == 0 && more[1] == 0) return x;
  return pad(x, {{}, {}, {.after = more[0]}, {.after = more[1]}});
}

}  // namespace

Var conv_transpose2d(const Var& x, const Var& w, const ConvOptions& options,
                     std::array<std::int64_t, 2> output_padding) {
  check_images(x, 4, "conv_transpose2d");
  check_images(w, 4, "conv_transpose2d");
  std::array<std::int64_t, 2> image, more;
  for (std::size_t k : {0u, 1u}) {
    const int axis = static_cast<int>(k) + 2;
    constexpr std::int64_t kMost = std::int64_t{1} << 29;  // a product of two is a size
    if (std::max({options.stride[k], options.dilation[k], x.size(axis), w.size(axis)}) > kMost) {
      throw Error(fmt::format(
          "conv_transpose2d: too many elements: a={}, b={}: stride {}, dilation {}",
          to_string(x.shape()), to_string(w.shape()), options.stride[k], options.dilation[k]));
    }
    if (output_padding[k] < 0 ||
        output_padding[k] >= std::max(options.stride[k], options.dilation[k])) {
      throw Error(fmt::format(
          "conv_transpose2d: output_padding must be less than the stride or the dilation: "
          "a={}, b={}: {} vs {}",
          to_string(x.shape()), to_string(w.shape()), output_padding[k],
          std::max(options.stride[k], options.dilation[k])));
    }
    image[k] = (x.size(axis) - 1) * options.stride[k] - options.padding[2 * k] -
               options.padding[2 * k + 1] + options.dilation[k] * (w.size(axis) - 1) +
               output_padding[k] + 1;
    if (image[k] < 1) {
      throw Error(fmt::format("conv_transpose2d: the output would be empty: a={}, b={}: size {}",
                              to_string(x.shape()), to_string(w.shape()), image[k]));
    }
    more[k] = options.stride[k] < 1 ? 0 : output_padding[k] / options.stride[k];
  }
  return in_context_of("conv_transpose2d", {x, w}, [&] {
    return conv2d_input_gradient(with_zeros_behind(x, more), w, image, options);
  });
}

Var channel_bias(const Var& y, const Var& bias) {
  check_defined(y, "channel_bias");
  check_defined(bias, "channel_bias");
  if (y.rank() < 2 || bias.rank() != 1 || bias.size(0) != y.size(1)) {
    throw Error(fmt::format("channel_bias: needs one number a channel: a={}, b={}",
                            to_string(y.shape()), to_string(bias.shape())));
  }
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(y.rank()) - 1, 1);
  sizes[0] = bias.size(0);
  return y + reshape(bias, Shape(sizes));
}

Var conv1d(const Var& x, const Var& w, const Conv1dOptions& options) {
  check_images(x, 3, "conv1d");
  check_images(w, 3, "conv1d");
  return drop_height(in_context_of("conv1d", {x, w}, [&] {
    return conv2d(add_height(x), add_height(w), two_dimensional(options));
  }));
}

Var conv_transpose1d(const Var& x, const Var& w, const Conv1dOptions& options,
                     std::int64_t output_padding) {
  check_images(x, 3, "conv_transpose1d");
  check_images(w, 3, "conv_transpose1d");
  return drop_height(in_context_of("conv_transpose1d", {x, w}, [&] {
    return conv_transpose2d(add_height(x), add_height(w), two_dimensional(options),
                            {0, output_padding});
  }));
}

// A convolution of every channel by itself with ones, over their number.
Var avg_pool2d(const Var& x, const PoolOptions& options) {
  check_images(x, 4, "avg_pool2d");
  check_real(x, "avg_pool2d");
  if (std::min(options.kernel[0], options.kernel[1]) < 1) {
    throw Error(fmt::format("avg_pool2d: the kernel must be at least 1: a={}: {} by {}",
                            to_string(x.shape()), options.kernel[0], options.kernel[1]));
  }
  const std::int64_t channels = x.size(1);
  return in_context_of("avg_pool2d", {x}, [&] {
    const Shape window{channels, 1, options.kernel[0], options.kernel[1]};
    const Var w = full(window, 1, x.dtype());
    const Var sums = conv2d(x, w, {options.stride, options.padding, options.dilation, channels});
    return sums / static_cast<double>(options.kernel[0] * options.kernel[1]);
  });
}

Var upsample_nearest2d(const Var& x, std::array<std::int64_t, 2> times) {
  check_images(x, 4, "upsample_nearest2d");
  const std::int64_t down = times[0], across = times[1], least = std::min(down, across);
  if (least < 1)
    throw Error(fmt::format("upsample_nearest2d: times must be at least 1: got {}", least));
  const std::int64_t b = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
  const Shape repeated =
      checked_shape({b, c, h, down, w, across}, "upsample_nearest2d", {x.shape()});
  const Var spread = broadcast_to(reshape(x, Shape{b, c, h, 1, w, 1}), repeated);
  return reshape(spread, Shape{b, c, h * down, w * across});
}

Var upsample_nearest2d(const Var& x, std::int64_t times) {
  return upsample_nearest2d(x, std::array{times, times});
}

Var upsample_bilinear2d(const Var& x, std::array<std::int64_t, 2> image) {
  check_images(x, 4, "upsample_bilinear2d");
  check_real(x, "upsample_bilinear2d");
  if (image[0] < 1 || image[1] < 1 || x.size(2) < 1 || x.size(3) < 1) {
    throw Error(fmt::format("upsample_bilinear2d: sizes must be at least 1: a={}: to {} by {}",
                            to_string(x.shape()), image[0], image[1]));
  }
  const Var down = constant(bilinear_matrix(x.size(2), image[0], x.dtype()));
  const Var across = constant(bilinear_matrix(x.size(3), image[1], x.dtype()));
  return matmul(down, matmul(x, across, false, true));
}

}  // namespace hourglass

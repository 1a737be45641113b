#include "nn/layers/conv.h"

#include <fmt/core.h>

#include "nn/layers/check_input.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

void check_sizes(const char* who, std::int64_t in, std::int64_t out, const Shape& kernel,
                 std::int64_t groups) {
  bool positive = in > 0 && out > 0 && groups > 0;
  for (std::int64_t size : kernel.sizes()) positive = positive && size > 0;
  if (positive && in % groups == 0 && out % groups == 0) return;
  throw Error(fmt::format(
      "{}: channels and kernel must be at least 1, and groups divide the channels: in={}, "
      "out={}, kernel={}, groups={}",
      who, in, out, to_string(kernel), groups));
}

Var biased(const Var& y, const Var& bias) { return bias.defined() ? channel_bias(y, bias) : y; }

// Weight [first, second / groups, kernel...] and, where there is one, bias [out].
template <class Layer>
void fill(Layer& layer, std::vector<std::int64_t> sizes, std::int64_t out, Init init,
          InitSource& source, bool bias) {
  const Shape shape(std::move(sizes));
  layer.weight = weight_parameter(init, source, shape);
  if (bias) {
    layer.bias = bias_parameter(init, source, Shape{out}, shape.product(1, shape.rank()));
  }
}

template <class Layer>
void visit_layer(Layer& layer, const Visitor& visitor) {
  visitor("weight", layer.weight);
  if (layer.bias.defined()) visitor("bias", layer.bias);
}

}  // namespace

Var Conv1d::operator()(const Var& x) const {
  check_weights("conv1d", weight, x);
  check_channels("conv1d", x, weight.size(1) * options.groups, "L");
  return biased(conv1d(x, weight, options), bias);
}

Var Conv2d::operator()(const Var& x) const {
  check_weights("conv2d", weight, x);
  check_channels("conv2d", x, weight.size(1) * options.groups, "H, W");
  return biased(conv2d(x, weight, options), bias);
}

Var ConvTranspose1d::operator()(const Var& x) const {
  check_weights("conv_transpose1d", weight, x);
  check_channels("conv_transpose1d", x, weight.size(0), "L");
  return biased(conv_transpose1d(x, weight, options, output_padding), bias);
}

Var ConvTranspose2d::operator()(const Var& x) const {
  check_weights("conv_transpose2d", weight, x);
  check_channels("conv_transpose2d", x, weight.size(0), "H, W");
  return biased(conv_transpose2d(x, weight, options, output_padding), bias);
}

void Conv1d::visit(const Visitor& visitor) { visit_layer(*this, visitor); }
void Conv2d::visit(const Visitor& visitor) { visit_layer(*this, visitor); }
void ConvTranspose1d::visit(const Visitor& visitor) { visit_layer(*this, visitor); }
void ConvTranspose2d::visit(const Visitor& visitor) { visit_layer(*this, visitor); }

Conv1d make_conv1d(std::int64_t in, std::int64_t out, std::int64_t kernel,
                   const Conv1dOptions& options, Init init, InitSource& source, bool bias) {
  check_sizes("conv1d", in, out, Shape{kernel}, options.groups);
  Conv1d layer;
  layer.options = options;
  fill(layer, {out, in / options.groups, kernel}, out, init, source, bias);
  return layer;
}

Conv2d make_conv2d(std::int64_t in, std::int64_t out, std::array<std::int64_t, 2> kernel,
                   const ConvOptions& options, Init init, InitSource& source, bool bias) {
  check_sizes("conv2d", in, out, Shape{kernel[0], kernel[1]}, options.groups);
  Conv2d layer;
  layer.options = options;
  fill(layer, {out, in / options.groups, kernel[0], kernel[1]}, out, init, source, bias);
  return layer;
}

ConvTranspose1d make_conv_transpose1d(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                      const Conv1dOptions& options, Init init, InitSource& source,
                                      bool bias) {
  check_sizes("conv_transpose1d", in, out, Shape{kernel}, options.groups);
  ConvTranspose1d layer;
  layer.options = options;
  fill(layer, {in, out / options.groups, kernel}, out, init, source, bias);
  return layer;
}

ConvTranspose2d make_conv_transpose2d(std::int64_t in, std::int64_t out,
                                      std::array<std::int64_t, 2> kernel,
                                      const ConvOptions& options, Init init, InitSource& source,
                                      bool bias) {
  check_sizes("conv_transpose2d", in, out, Shape{kernel[0], kernel[1]}, options.groups);
  ConvTranspose2d layer;
  layer.options = options;
  fill(layer, {in, out / options.groups, kernel[0], kernel[1]}, out, init, source, bias);
  return layer;
}

}  // namespace hourglass::nn

#include "ae/model/conv.h"

#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"

namespace hourglass::ae {
namespace {

Var with_bias(const Var& y, const Var& bias) {
  return y + reshape(bias, Shape{bias.size(0), 1, 1});
}

PoolOptions windows(const Size2d& size) {
  return {.kernel = {size.height, size.width}, .stride = {size.height, size.width}};
}

ConvOptions options_of(const Size2d& stride, const Size2d& padding) {
  return {.stride = {stride.height, stride.width},
          .padding = {padding.height, padding.height, padding.width, padding.width}};
}

// The size after the convolution, before the pooling.
MapSize before_pooling(const MapSize& size, const ConvLayer& layer) {
  return {size.channels, size.height * layer.pool.height, size.width * layer.pool.width};
}

// Values in the first corner of their windows, zeros elsewhere.
Var in_corners(const Var& x, const Size2d& times) {
  const auto spread = [](std::int64_t n) { return Padding{0, n - 1, n - 1}; };
  return pad(x, {{}, {}, spread(times.height), spread(times.width)});
}

// Every pixel repeated, then cut to the size that is wanted.
Var repeated(const Var& x, const Size2d& times, const MapSize& to) {
  const Var y = times == Size2d(1) ? x : upsample_nearest2d(x, {times.height, times.width});
  return slice(slice(y, 2, {0, to.height}), 3, {0, to.width});
}

}  // namespace

void ConvStack::visit(const nn::Visitor& visitor) {
  for (Layer& layer : layers) {
    const nn::Visitor inner = nn::prefixed(visitor, std::to_string(layer.index));
    if (layer.weight.defined()) inner("weight", layer.weight);
    inner("bias", layer.bias);
  }
}

ConvStack make_conv_encoder(const Spec& spec, nn::InitSource& source, int& next) {
  ConvStack stack;
  if (spec.conv.empty()) return stack;
  std::int64_t in = spec.input[0];
  for (std::size_t i = 0; i < spec.conv.size(); ++i) {
    const ConvLayer& c = spec.conv[i];
    ConvStack::Layer layer;
    const Shape shape{c.channels, in, c.kernel.height, c.kernel.width};
    layer.weight = nn::weight_parameter(spec.init, source, shape);
    layer.bias = nn::bias_parameter(spec.init, source, Shape{c.channels}, shape.product(1, 4));
    layer.index = next;
    const bool last = i + 1 == spec.conv.size() && spec.encoder.size() == 1;
    const nn::Activation activation = last ? spec.code : spec.hidden;
    next += 1 + (activation == nn::Activation::kIdentity ? 0 : 1) + (c.pools() ? 1 : 0);
    in = c.channels;
    stack.layers.push_back(std::move(layer));
  }
  if (spec.encoder.size() > 1) ++next;  // Flatten
  return stack;
}

ConvStack make_conv_decoder(const Spec& spec, int first, nn::InitSource& source) {
  ConvStack stack;
  int next = first;
  for (std::size_t i = spec.conv.size(); i-- > 0;) {
    const ConvLayer& c = spec.conv[i];
    const std::int64_t out = i == 0 ? spec.input[0] : spec.conv[i - 1].channels;
    const bool repeats = spec.upsampling == Upsampling::kNearest;
    const Shape shape = repeats ? Shape{out, c.channels, c.kernel.height, c.kernel.width}
                                : Shape{c.channels, out, c.kernel.height, c.kernel.width};
    if (c.pools() || (repeats && c.stride != Size2d(1))) ++next;
    ConvStack::Layer layer;
    if (!spec.tied) layer.weight = nn::weight_parameter(spec.init, source, shape);
    layer.bias = nn::bias_parameter(spec.init, source, Shape{out}, shape.product(1, 4));
    layer.index = next;
    next += spec.hidden == nn::Activation::kIdentity ? 1 : 2;
    stack.layers.push_back(std::move(layer));
  }
  return stack;
}

Features conv_encode(const Spec& spec, const ConvStack& encoder, const Var& x) {
  Switches switches;
  const MapSize image = map_sizes(spec.input, {})[0];
  Var h = reshape(x, Shape{x.size(0), image.channels, image.height, image.width});
  for (std::size_t i = 0; i < spec.conv.size(); ++i) {
    const ConvLayer& c = spec.conv[i];
    const LabelScope scope(std::to_string(encoder.layers[i].index));
    h = with_bias(conv2d(h, encoder.layers[i].weight, options_of(c.stride, c.padding)),
                  encoder.layers[i].bias);
    const bool last = i + 1 == spec.conv.size() && spec.encoder.size() == 1;
    h = nn::activate(last ? spec.code : spec.hidden, h);
    if (!c.pools()) continue;
    const MaxPool pool = max_pool2d(h, windows(c.pool));
    h = pool.values;
    switches.push_back(pool.indices);
  }
  return {reshape_to(h, {x.size(0), -1}), switches};
}

Var conv_decode(const Spec& spec, const ConvStack& encoder, const ConvStack& decoder,
                const Var& features, const Switches& switches) {
  const std::vector<MapSize> sizes = map_sizes(spec.input, spec.conv);
  const MapSize& deepest = sizes.back();
  const std::int64_t rows = features.size(0);
  Var y = reshape(features, Shape{rows, deepest.channels, deepest.height, deepest.width});
  std::size_t pools = switches.size();
  for (std::size_t i = spec.conv.size(); i-- > 0;) {
    const ConvLayer& c = spec.conv[i];
    const ConvStack::Layer& layer = decoder.layers[spec.conv.size() - 1 - i];
    const LabelScope scope(std::to_string(layer.index));
    const Var& weight = spec.tied ? encoder.layers[i].weight : layer.weight;
    const MapSize& to = sizes[i];
    if (spec.upsampling == Upsampling::kNearest) {
      const Size2d times{c.stride.height * c.pool.height, c.stride.width * c.pool.width};
      const Size2d edge{c.kernel.height / 2, c.kernel.width / 2};
      y = conv2d(repeated(y, times, to), weight, options_of(1, edge));
    } else {
      const MapSize whole = before_pooling(sizes[i + 1], c);
      if (c.pools() && pools > 0) {
        y = max_unpool2d(y, switches[--pools], {whole.height, whole.width});
      } else if (c.pools()) {
        y = in_corners(y, c.pool);
      }
      y = conv2d_input_gradient(y, weight, {to.height, to.width}, options_of(c.stride, c.padding));
    }
    y = with_bias(y, layer.bias);
    if (i > 0) y = nn::activate(spec.hidden, y);
  }
  return reshape_to(y, {rows, -1});
}

}  // namespace hourglass::ae

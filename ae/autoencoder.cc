#include "ae/autoencoder.h"

#include <fmt/core.h>

#include "ae/penalties.h"
#include "autograd/ops.h"

namespace hourglass::ae {
namespace {

// The names of a stack's layers: activations other than the identity count.
std::vector<std::string> layer_names(const Stack& stack) {
  std::vector<std::string> names;
  int index = 0;
  for (const Stack::Layer& layer : stack.layers) {
    names.push_back(std::to_string(index));
    index += layer.activation == nn::Activation::kIdentity ? 1 : 2;
  }
  return names;
}

Stack make_stack(const std::vector<std::int64_t>& widths, nn::Activation hidden,
                 nn::Activation last, bool own_weights, nn::Init init, nn::InitSource& source) {
  Stack stack;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Stack::Layer layer;
    layer.linear = nn::make_linear(widths[i], widths[i + 1], init, source);
    if (!own_weights) layer.linear.weight = Var();
    layer.activation = i + 2 < widths.size() ? hidden : last;
    stack.layers.push_back(std::move(layer));
  }
  return stack;
}

// Layer i of the decoder before its activation. Tied: y = h W + b with the weight W [out, in] of
// the mirrored encoder layer, so the transpose costs nothing.
Var decoder_layer(const Autoencoder& model, std::size_t i, const Var& h) {
  const nn::Linear& linear = model.decoder.layers[i].linear;
  if (!model.spec.tied) return linear(h);
  const auto& mirrored = model.encoder.layers[model.encoder.layers.size() - 1 - i];
  return matmul(h, mirrored.linear.weight) + linear.bias;
}

}  // namespace

void Stack::visit(const nn::Visitor& visitor) {
  const std::vector<std::string> names = layer_names(*this);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const nn::Visitor inner = nn::prefixed(visitor, names[i]);
    if (layers[i].linear.weight.defined()) {
      layers[i].linear.visit(inner);
    } else {
      inner("bias", layers[i].linear.bias);
    }
  }
}

Var Autoencoder::activations(const Var& x) const {
  const std::vector<std::string> names = layer_names(encoder);
  Var h = x;
  for (std::size_t i = 0; i < encoder.layers.size(); ++i) {
    const LabelScope scope("encoder." + names[i]);
    h = nn::activate(encoder.layers[i].activation, encoder.layers[i].linear(h));
  }
  return h;
}

Var Autoencoder::encode(const Var& x) const {
  const Var h = activations(x);
  return spec.rule.kind == Rule::kTopK ? keep_largest(h, spec.rule.active) : h;
}

Var Autoencoder::decode_linear(const Var& code) const {
  const std::vector<std::string> names = layer_names(decoder);
  Var y = code;
  for (std::size_t i = 0; i < decoder.layers.size(); ++i) {
    const LabelScope scope("decoder." + names[i]);
    y = decoder_layer(*this, i, y);
    if (i + 1 < decoder.layers.size()) y = nn::activate(decoder.layers[i].activation, y);
  }
  return y;
}

Var Autoencoder::decode(const Var& code) const {
  const LabelScope scope("decoder");
  return nn::activate(spec.output, decode_linear(code));
}

void Autoencoder::visit(const nn::Visitor& visitor) {
  encoder.visit(nn::prefixed(visitor, "encoder"));
  decoder.visit(nn::prefixed(visitor, "decoder"));
}

std::vector<Var> Autoencoder::parameters() {
  std::vector<Var> all;
  visit([&](const std::string&, Var& parameter) { all.push_back(parameter); });
  return all;
}

Autoencoder make_autoencoder(const Spec& spec, std::uint64_t seed) {
  check(spec);
  nn::InitSource source(seed);
  Autoencoder model;
  model.spec = spec;
  model.encoder = make_stack(spec.encoder, spec.hidden, spec.code, true, spec.init, source);
  model.decoder =
      make_stack(spec.decoder_widths(), spec.hidden, spec.output, !spec.tied, spec.init, source);
  model.visit([](const std::string& name, Var& parameter) { parameter.named(name); });
  return model;
}

Var pixels(const Var& stored) {
  if (stored.dtype() != DType::kU8) return stored;
  return cast(stored, DType::kF32) * (1.0 / 255);
}

}  // namespace hourglass::ae

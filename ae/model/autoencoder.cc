#include "ae/model/autoencoder.h"

#include <fmt/core.h>

#include "ae/model/streams.h"
#include "ae/papers/penalties.h"
#include "ae/papers/vq_vae.h"
#include "autograd/compile/memory.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

// The names of a stack's layers: activations other than the identity count.
std::vector<std::string> layer_names(const Stack& stack) {
  std::vector<std::string> names;
  int index = stack.first;
  for (const Stack::Layer& layer : stack.layers) {
    names.push_back(std::to_string(index));
    index += layer.activation == nn::Activation::kIdentity ? 1 : 2;
  }
  return names;
}

// How many modules a stack and the Unflatten after it are.
int modules_of(const Stack& stack) {
  int count = stack.layers.empty() ? 0 : 1;
  for (const Stack::Layer& layer : stack.layers) {
    count += layer.activation == nn::Activation::kIdentity ? 1 : 2;
  }
  return count;
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

// The encoder's weight [out, in] that layer i of a tied decoder uses.
const Var& mirrored_weight(const Autoencoder& model, std::size_t i) {
  const std::size_t heads = model.mean.weight.defined() ? 1 : 0;
  if (i < heads) return model.mean.weight;
  return model.encoder.layers[model.encoder.layers.size() + heads - 1 - i].linear.weight;
}

// Layer i of the decoder before its activation. Tied: y = h W + b with the weight W [out, in] of
// the mirrored encoder layer, so the transpose costs nothing.
Var decoder_layer(const Autoencoder& model, std::size_t i, const Var& h) {
  const nn::Linear& linear = model.decoder.layers[i].linear;
  if (!model.spec.tied) return linear(h);
  return matmul(h, mirrored_weight(model, i)) + linear.bias;
}

// x with the classes beside it, one of them 1.
Var told(const Spec& spec, const Var& x, const Var& labels) {
  if (spec.classes == 0) return x;
  if (!labels.defined() || labels.shape() != Shape{x.size(0)}) {
    throw Error(fmt::format(
        "autoencoder: the model is told {} classes and needs a label an image: x={}, labels={}",
        spec.classes, to_string(x.shape()),
        labels.defined() ? to_string(labels.shape()) : std::string("none")));
  }
  return concat({x, one_hot(labels, spec.classes, x.dtype())}, 1);
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

Var Stack::operator()(const Var& x) const {
  const std::vector<std::string> names = layer_names(*this);
  Var h = x;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LabelScope scope(names[i]);
    h = nn::activate(layers[i].activation, layers[i].linear(h));
  }
  return h;
}

namespace {

// Up to the heads of a Gaussian code, or to the code.
Var encoded(const Autoencoder& model, const Var& x, const Var& labels, Switches* switches) {
  const LabelScope scope("encoder");
  const Spec& spec = model.spec;
  const Var h = spec.conv.empty() ? x : conv_encode(spec, model.conv_encoder, x, switches);
  return model.encoder(told(spec, h, labels));
}

}  // namespace

Var Autoencoder::activations(const Var& x, const Var& labels, Switches* switches) const {
  if (spec.rule.kind == Rule::kGaussian) return posterior(x, labels, switches).mean;
  return encoded(*this, x, labels, switches);
}

Posterior Autoencoder::posterior(const Var& x, const Var& labels, Switches* switches) const {
  if (spec.rule.kind != Rule::kGaussian) {
    throw Error(
        fmt::format("posterior: the code is {}: expected gaussian", name_of(spec.rule.kind)));
  }
  const Var h = encoded(*this, x, labels, switches);
  const LabelScope scope("posterior");
  return {mean(h), log_variance(h)};
}

Var Autoencoder::encode(const Var& x, const Var& labels, Switches* switches) const {
  const Var h = activations(x, labels, switches);
  if (spec.rule.kind == Rule::kTopK) return keep_largest(h, spec.rule.active);
  if (spec.rule.kind == Rule::kQuantised) return quantise(h, codebook).straight;
  return h;
}

Var Autoencoder::decode_linear(const Var& code, const Var& labels, const Switches* switches) const {
  const std::vector<std::string> names = layer_names(decoder);
  Var y = told(spec, code, labels);
  for (std::size_t i = 0; i < decoder.layers.size(); ++i) {
    const LabelScope scope("decoder." + names[i]);
    y = decoder_layer(*this, i, y);
    const bool last = i + 1 == decoder.layers.size() && spec.conv.empty();
    if (!last) y = nn::activate(decoder.layers[i].activation, y);
  }
  if (spec.conv.empty()) return y;
  const LabelScope scope("decoder");
  return conv_decode(spec, conv_encoder, conv_decoder, y, switches);
}

Var Autoencoder::decode(const Var& code, const Var& labels, const Switches* switches) const {
  const LabelScope scope("decoder");
  return nn::activate(spec.output, decode_linear(code, labels, switches));
}

Var Autoencoder::no_labels(std::int64_t count) const {
  return spec.classes == 0 ? Var() : full(Shape{count}, -1, DType::kI32);
}

Var Autoencoder::sample(const RandomKey& key, std::int64_t count, const Var& labels) const {
  const Var z = random_normal(key, kPriorStream, Shape{count, spec.code_width()});
  return decode(z, labels);
}

void Autoencoder::visit(const nn::Visitor& visitor) {
  conv_encoder.visit(nn::prefixed(visitor, "encoder"));
  encoder.visit(nn::prefixed(visitor, "encoder"));
  if (mean.weight.defined()) {
    mean.visit(nn::prefixed(visitor, "mean"));
    log_variance.visit(nn::prefixed(visitor, "log_variance"));
  }
  decoder.visit(nn::prefixed(visitor, "decoder"));
  conv_decoder.visit(nn::prefixed(visitor, "decoder"));
  if (codebook.defined()) visitor("codebook.weight", codebook);
  discriminator.visit(nn::prefixed(visitor, "discriminator"));
}

std::vector<Var> Autoencoder::parameters() {
  std::vector<Var> all;
  visit([&](const std::string&, Var& parameter) { all.push_back(parameter); });
  return all;
}

std::vector<Var> Autoencoder::trained_parameters() {
  std::vector<Var> trained;
  visit([&](const std::string& name, Var& parameter) {
    if (name != "codebook.weight") trained.push_back(parameter);
  });
  return trained;
}

namespace {

Autoencoder make_from(const Spec& spec, nn::InitSource& source) {
  Autoencoder model;
  model.spec = spec;
  int next = 0;
  model.conv_encoder = make_conv_encoder(spec, source, next);
  std::vector<std::int64_t> widths = spec.encoder;
  widths.front() = spec.features() + spec.classes;
  const bool gaussian = spec.rule.kind == Rule::kGaussian;
  if (gaussian) widths.pop_back();
  model.encoder =
      make_stack(widths, spec.hidden, gaussian ? spec.hidden : spec.code, true, spec.init, source);
  model.encoder.first = next;
  if (gaussian) {
    model.mean = nn::make_linear(widths.back(), spec.code_width(), spec.init, source);
    model.log_variance = nn::make_linear(widths.back(), spec.code_width(), spec.init, source);
  }
  widths = spec.decoder_widths();
  widths.front() += spec.classes;
  model.decoder = make_stack(widths, spec.hidden, spec.conv.empty() ? spec.output : spec.hidden,
                             !spec.tied, spec.init, source);
  model.conv_decoder = make_conv_decoder(spec, modules_of(model.decoder), source);
  if (spec.rule.kind == Rule::kQuantised) {
    const Shape shape{spec.rule.entries, spec.rule.entry_width};
    const double bound = 1 / static_cast<double>(spec.rule.entries);
    model.codebook = nn::uniform_parameter(source, shape, bound);
    model.codebook_uses = nn::zero_parameter(source, Shape{spec.rule.entries});
  }
  if (!spec.discriminator.empty()) {
    widths = spec.discriminator;
    widths.insert(widths.begin(), spec.code_width());
    widths.push_back(1);
    model.discriminator = make_stack(widths, nn::Activation::kRelu, nn::Activation::kIdentity, true,
                                     spec.init, source);
  }
  model.visit([](const std::string& name, Var& parameter) { parameter.named(name); });
  return model;
}

}  // namespace

std::vector<Var> measured_parameters(const Spec& spec) {
  check(spec);
  nn::InitSource source(0);
  source.measuring = true;
  return make_from(spec, source).parameters();
}

Autoencoder make_autoencoder(const Spec& spec, std::uint64_t seed) {
  // A tensor is copied into the parameter that is made of it.
  check_copies_fit("autoencoder", "weights", measured_parameters(spec), 1);
  nn::InitSource source(seed);
  return make_from(spec, source);
}

Var pixels(const Var& stored) {
  if (stored.dtype() != DType::kU8) return stored;
  return cast(stored, DType::kF32) * (1.0 / 255);
}

}  // namespace hourglass::ae

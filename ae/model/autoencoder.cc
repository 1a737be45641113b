#include "ae/model/autoencoder.h"

#include <fmt/core.h>

#include <algorithm>

#include "ae/model/categories.h"
#include "ae/papers/streams.h"
#include "autograd/compile/memory.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

using namespace internal;

namespace {

// How many modules a stack and the Unflatten after it are.
int modules_of(const nn::Mlp& stack) {
  int count = stack.layers.empty() ? 0 : 1;
  for (const nn::Mlp::Layer& layer : stack.layers) {
    count += layer.activation == nn::Activation::kIdentity ? 1 : 2;
  }
  return count;
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
Var with_classes(const Spec& spec, const Var& x, const Var& labels) {
  if (spec.classes == 0) return x;
  if (!labels.defined() || labels.shape() != Shape{x.size(0)}) {
    throw Error(
        fmt::format("autoencoder: the model is conditional on {} classes and needs a label an "
                    "example: x={}, labels={}",
                    spec.classes, to_string(x.shape()),
                    labels.defined() ? to_string(labels.shape()) : std::string("none")));
  }
  return concat({x, one_hot(labels, spec.classes, x.dtype())}, 1);
}

}  // namespace

Encoded Encoded::with_code(const Var& other) const {
  Encoded result = *this;
  result.code = other;
  return result;
}

namespace {

// Up to the heads of a Gaussian code, or to the code, without the last activation.
Features linear_features(const Autoencoder& model, const Var& x, const Var& labels) {
  const LabelScope scope("encoder");
  const Spec& spec = model.spec;
  Features f{x, {}};
  if (!spec.conv.empty()) f = conv_encode(spec, model.conv_encoder, x);
  f.h = model.encoder.linear(with_classes(spec, f.h, labels));
  return f;
}

Var activated(const Autoencoder& model, const Var& linear) {
  const LabelScope scope("encoder");
  return model.encoder.activate_last(linear);
}

// From what the layers give ahead of the last activation.
Encoded encoded_from(const Autoencoder& model, const Var& features, const Var& code_noise) {
  const Spec& spec = model.spec;
  const Var linear = code_noise.defined() ? features + code_noise : features;
  const Var h = activated(model, linear);
  Encoded result{.code = h, .before = h, .linear = linear};
  if (spec.gaussian()) {
    const LabelScope scope("posterior");
    result.posterior = {model.mean(h), model.log_variance(h)};
    result.code = result.before = result.linear = result.posterior.mean;
    return result;
  }
  if (spec.quantised()) {
    const LabelScope scope("quantise");
    result.quantised = quantise(h, model.codebook);
    result.code = result.quantised.straight;
    return result;
  }
  result.code = std::visit(
      [&](const auto& rule) {
        if constexpr (requires { rule(h); }) {
          return rule(h);
        } else {
          return h;
        }
      },
      spec.rule);
  return result;
}

}  // namespace

SparseRows Autoencoder::scaled(const SparseRows& stored) const {
  return {input.scaled(stored.values, dtype()), stored.columns, stored.row_starts};
}

Encoded Autoencoder::encode(const Var& x, const Var& labels, const Var& code_noise) const {
  if (!is_real(x.dtype())) {
    throw Error(
        fmt::format("encode: x is {}: model.scaled(x) makes a model's numbers of stored ones",
                    name_of(x.dtype())));
  }
  const Features features = linear_features(*this, x, labels);
  Encoded result = encoded_from(*this, features.h, code_noise);
  result.switches = features.switches;
  result.labels = labels;
  return result;
}

Encoded Autoencoder::encode(const SparseRows& x, const Var& code_noise) const {
  if (!takes_sparse(spec)) {
    throw Error("encode: the model's first layer takes no sparse rows");
  }
  Var h;
  {
    const LabelScope scope("encoder");
    h = encoder.linear(x);
  }
  return encoded_from(*this, h, code_noise);
}

namespace {

// Through the first `count` of the decoder's dense layers; the last one of a dense decoder is not
// activated.
Var decode_layers(const Autoencoder& model, const Encoded& encoded, std::size_t count) {
  const std::vector<nn::Mlp::Layer>& layers = model.decoder.layers;
  const std::vector<std::string> names = model.decoder.layer_names();
  Var y = with_classes(model.spec, encoded.code, encoded.labels);
  for (std::size_t i = 0; i < count; ++i) {
    const LabelScope scope("decoder." + names[i]);
    y = decoder_layer(model, i, y);
    const bool last = i + 1 == layers.size() && model.spec.conv.empty();
    if (!last) y = nn::activate(layers[i].activation, y);
  }
  return y;
}

}  // namespace

Var Autoencoder::decode_linear(const Encoded& encoded) const {
  const Var y = decode_layers(*this, encoded, decoder.layers.size());
  if (spec.conv.empty()) return y;
  const LabelScope scope("decoder");
  return conv_decode(spec, conv_encoder, conv_decoder, y, encoded.switches);
}

LossInput Autoencoder::loss_input(const Encoded& encoded, const Var& x) const {
  LossInput in{.linear = decode_linear(encoded),
               .output = spec.output,
               .x = x,
               .scale = spec.loss_scale,
               .log_deviation = log_deviation,
               .log_dispersion = log_dispersion,
               .categories = spec.categories};
  if (dropout.weight.defined()) {
    const LabelScope scope("dropout");
    in.dropout_logits = dropout(decode_layers(*this, encoded, decoder.layers.size() - 1));
  }
  return in;
}

Var Autoencoder::decode(const Encoded& encoded) const {
  const LabelScope scope("decoder");
  return loss_output(spec.loss, loss_input(encoded));
}

Var Autoencoder::reconstruct(const Var& x, const Var& labels) const {
  const Encoded encoded = encode(x, labels);
  const LabelScope scope("decoder");
  return loss_output(spec.loss, loss_input(encoded, input.scale == Scale::kLog1p ? expm1(x) : x));
}

Var Autoencoder::no_labels(std::int64_t count) const {
  return spec.classes == 0 ? Var() : full(Shape{count}, -1, DType::kI32);
}

Var Autoencoder::sample(const RandomKey& key, std::int64_t count, const Var& labels) const {
  const Var z = random_normal(key, streams::kPrior, Shape{count, spec.code_width()});
  return decode({.code = z, .labels = labels});
}

void Autoencoder::visit(Part part, const nn::Visitor& visitor) {
  switch (part) {
    case Part::kEncoder:
      conv_encoder.visit(nn::prefixed(visitor, "encoder"));
      encoder.visit(nn::prefixed(visitor, "encoder"));
      if (mean.weight.defined()) mean.visit(nn::prefixed(visitor, "mean"));
      return;
    case Part::kLogVariance:
      if (mean.weight.defined()) log_variance.visit(nn::prefixed(visitor, "log_variance"));
      return;
    case Part::kDecoder:
      decoder.visit(nn::prefixed(visitor, "decoder"));
      conv_decoder.visit(nn::prefixed(visitor, "decoder"));
      if (log_deviation.defined()) visitor("log_deviation", log_deviation);
      if (log_dispersion.defined()) visitor("log_dispersion", log_dispersion);
      dropout.visit(nn::prefixed(visitor, "dropout"));
      return;
    case Part::kCodebook:
      if (codebook.defined()) visitor("codebook.weight", codebook, nn::Role::kState);
      return;
    case Part::kDiscriminator:
      discriminator.visit(nn::prefixed(visitor, "discriminator"));
      return;
    case Part::kScale:
      input.visit(nn::prefixed(visitor, "input"));
      return;
  }
}

void Autoencoder::visit(const nn::Visitor& visitor) {
  for (Part part : kParts) visit(part, visitor);
}

std::vector<Var> Autoencoder::parameters(const std::vector<Part>& parts) {
  std::vector<Var> all;
  for (Part part : parts) {
    visit(part, [&](const std::string&, Var& parameter) { all.push_back(parameter); });
  }
  return all;
}

std::vector<Var> Autoencoder::parameters() { return parameters({kParts.begin(), kParts.end()}); }

std::vector<Var> Autoencoder::trained_parameters() { return nn::trained_parameters(*this); }

namespace {

Autoencoder make_from(const Spec& spec, nn::InitSource& source) {
  Autoencoder model;
  model.spec = spec;
  int next = 0;
  model.conv_encoder = make_conv_encoder(spec, source, next);
  std::vector<std::int64_t> widths = spec.encoder;
  widths.front() = spec.features() + spec.classes;
  const bool gaussian = spec.gaussian() != nullptr;
  if (gaussian) widths.pop_back();
  model.encoder =
      nn::make_mlp(widths, spec.hidden, gaussian ? spec.hidden : spec.code, spec.init, source);
  model.encoder.first = next;
  if (gaussian) {
    model.mean = nn::make_linear(widths.back(), spec.code_width(), spec.init, source);
    model.log_variance = nn::make_linear(widths.back(), spec.code_width(), spec.init, source);
  }
  widths = spec.decoder_widths();
  widths.front() += spec.classes;
  model.decoder = nn::make_mlp(widths, spec.hidden, spec.conv.empty() ? spec.output : spec.hidden,
                               spec.init, source, !spec.tied);
  model.conv_decoder = make_conv_decoder(spec, modules_of(model.decoder), source);
  const LossTraits& loss = traits_of(spec.loss);
  if (loss.deviation) model.log_deviation = nn::zero_parameter(source, Shape{1});
  if (loss.dispersion) model.log_dispersion = nn::zero_parameter(source, Shape{spec.input_width()});
  if (loss.dropout) {
    model.dropout =
        nn::make_linear(widths[widths.size() - 2], spec.input_width(), spec.init, source);
  }
  if (const Quantised* rule = spec.quantised()) {
    const Shape shape{rule->entries, rule->entry_width};
    const double bound = 1 / static_cast<double>(rule->entries);
    model.codebook = nn::uniform_parameter(source, shape, bound);
    model.codebook_uses = nn::zero_parameter(source, Shape{rule->entries});
  }
  if (!spec.discriminator.empty()) {
    widths = spec.discriminator;
    widths.insert(widths.begin(), spec.code_width());
    widths.push_back(1);
    model.discriminator =
        nn::make_mlp(widths, nn::Activation::kRelu, nn::Activation::kIdentity, spec.init, source);
  }
  model.input = make_input_scale(spec.scale, spec.missing, spec.example_shape(), source.measuring);
  if (!spec.categories.empty()) {
    model.input.categories = constant(category_mask(spec.categories, spec.input_width()));
  }
  nn::name_parameters(model);
  return model;
}

}  // namespace

bool takes_sparse(const Spec& spec) {
  const bool keeps_zero =
      spec.scale == Scale::kLog1p || spec.scale == Scale::kRms || spec.scale == Scale::kNone;
  const bool layered = spec.encoder.size() > (spec.gaussian() ? 2U : 1U);
  return keeps_zero && layered && spec.conv.empty() && spec.classes == 0 &&
         spec.categories.empty() && spec.missing == Missing::kNone && spec.corruption.empty() &&
         spec.penalties.empty() && spec.binarize == Binarize::kNone;
}

Autoencoder measured_autoencoder(const Spec& spec) {
  check(spec);
  nn::InitSource source(0);
  source.measuring = true;
  return make_from(spec, source);
}

std::vector<Var> measured_parameters(const Spec& spec) {
  return measured_autoencoder(spec).parameters();
}

Autoencoder make_autoencoder(const Spec& spec, std::uint64_t seed) {
  // A tensor is copied into the parameter that is made of it.
  check_copies_fit("autoencoder", "weights", measured_parameters(spec), 1);
  nn::InitSource source(seed);
  return make_from(spec, source);
}

DType Autoencoder::dtype() const {
  if (!conv_encoder.layers.empty()) return conv_encoder.layers[0].weight.dtype();
  return encoder.layers.empty() ? mean.weight.dtype() : encoder.layers[0].linear.weight.dtype();
}

void fit_input(Autoencoder& model, const nn::Rows& rows) {
  if (!model.input.has_numbers()) return;
  ColumnStatistics columns(model.input.steps);
  if (rows.shape().rank() > 0) {
    nn::for_chunks(rows, [&](const Tensor& part, std::int64_t) { columns.add(part); });
  }
  if (columns.columns() * model.input.steps != model.spec.input_width()) {
    throw Error(fmt::format("fit_input: expected rows [N, {}], at least one: got {}",
                            model.spec.input_width(), to_string(rows.shape())));
  }
  model.input.set(columns);
}

Var pixels(const Var& stored) {
  return InputScale().scaled(stored, is_real(stored.dtype()) ? stored.dtype() : DType::kF32);
}

}  // namespace hourglass::ae

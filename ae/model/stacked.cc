#include "ae/model/stacked.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "nn/train/evaluation.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr std::int64_t kEncodedRows = 500;  // images that are encoded at a time

// What the whole may have, a layer in between may not.
void check_layer(const Spec& spec, int layer) {
  try {
    check(layer_spec(spec, layer));
  } catch (const Error& error) {
    throw Error(fmt::format("pretrain: layer {}: {}", layer + 1, error.what()));
  }
}

// What a shallow model makes of the rows: f32 [N, H].
Tensor codes_of(const Autoencoder& layer, const nn::Rows& rows) {
  return nn::map_rows(
      [&](const nn::Batch& batch) { return layer.encode(layer.scaled(batch[0])).code; }, {rows},
      kEncodedRows);
}

void copy_layer(const nn::Mlp::Layer& from, nn::Mlp::Layer& to) {
  if (to.linear.weight.defined()) to.linear.weight.assign(from.linear.weight.tensor());
  to.linear.bias.assign(from.linear.bias.tensor());
}

// A layer's encoder and decoder within the whole model.
struct LayerPair {
  nn::Mlp::Layer &encoder, &decoder;
};
LayerPair pair_of(Autoencoder& model, int layer) {
  const auto k = static_cast<std::size_t>(layer);
  auto& decoders = model.decoder.layers;
  return {model.encoder.layers[k], decoders[decoders.size() - 1 - k]};
}

void copy_pair(const LayerPair& from, const LayerPair& to) {
  copy_layer(from.encoder, to.encoder);
  copy_layer(from.decoder, to.decoder);
}

}  // namespace

void check_stackable(const Spec& spec) {
  const char* what = nullptr;
  if (!spec.conv.empty()) what = "convolutions";
  if (!std::holds_alternative<Deterministic>(spec.rule)) what = "a code rule";
  if (spec.classes > 0) what = "classes";
  if (!spec.discriminator.empty()) what = "a discriminator";
  const std::vector<std::int64_t> widths(spec.encoder.rbegin(), spec.encoder.rend());
  if (spec.conv.empty() && spec.decoder_widths() != widths) {
    what = "a decoder that is not the mirror image";
  }
  if (what) {
    throw Error(
        std::string("pretrain: layers are trained one by one in dense, mirrored models with a "
                    "deterministic code: this one has ") +
        what);
  }
  for (std::size_t k = 0; k + 1 < spec.encoder.size(); ++k) check_layer(spec, static_cast<int>(k));
}

Spec layer_spec(const Spec& spec, int layer) {
  const std::size_t k = static_cast<std::size_t>(layer);
  Spec shallow = spec;
  shallow.encoder = {spec.encoder[k], spec.encoder[k + 1]};
  shallow.decoder = {};
  shallow.input = {};
  if (k + 2 < spec.encoder.size()) shallow.code = spec.hidden;
  if (layer > 0) {
    shallow.output = spec.hidden;
    shallow.loss = spec.hidden == nn::Activation::kSigmoid ? Loss::kBce : Loss::kMse;
    shallow.binarize = Binarize::kNone;  // of pixels, not of codes
    shallow.scale = Scale::kNone;
    shallow.missing = Missing::kNone;
    shallow.categories = {};
  }
  return shallow;
}

nn::TrainResult pretrain(Autoencoder& model, const nn::Rows& images,
                         const nn::TrainOptions& options, const LayerCallbacks& callbacks,
                         const LayerState& from) {
  check_stackable(model.spec);
  if (!model.input.is_set()) fit_input(model, images);
  const int layers = static_cast<int>(model.encoder.layers.size());
  nn::Rows rows = images;
  nn::TrainResult result;
  for (int k = 0; k < layers; ++k) {
    nn::TrainOptions own = options;
    own.seed += static_cast<std::uint64_t>(k);
    Autoencoder shallow = make_autoencoder(layer_spec(model.spec, k), own.seed);
    if (k == 0) shallow.input = model.input;
    if (k < from.layer) {
      copy_pair(pair_of(model, k), pair_of(shallow, 0));
    } else {
      result = train(shallow, {rows}, own, callbacks ? callbacks(k, shallow) : nn::TrainCallbacks{},
                     k == from.layer ? from.state : nullptr);
      copy_pair(pair_of(shallow, 0), pair_of(model, k));
    }
    if (result.outcome != nn::Outcome::kDone) break;
    if (k + 1 < layers) rows = codes_of(shallow, rows);
  }
  return result;
}

}  // namespace hourglass::ae

#pragma once

#include <functional>

#include "ae/model/autoencoder.h"
#include "ae/model/train.h"

namespace hourglass::ae {

// Greedy layer-wise pretraining (Bengio et al., "Greedy layer-wise training of deep networks",
// 2007; with corruption Vincent et al., "Stacked denoising autoencoders", 2010, section 3.4): each
// layer of the encoder, with its mirror image in the decoder, is trained as a shallow autoencoder
// of what the layers below make of the clean images. The spec's corruption, penalties and tying
// hold for each. Changes the model's weights; training of the whole follows as usual. `images` [N,
// D], as stored. Layer k, from 0, draws from options.seed + k. Stops with what a layer that did not
// end as kDone said. `from` is where the training of one of the layers stood: those below it have
// their weights in the model. Throws Error unless the model is dense, mirrored and has a deterministic code
// without classes or a discriminator.
struct LayerState {
  int layer = 0;
  const nn::TrainState* state = nullptr;
};
// `shallow` stands for the layer while it is trained.
using LayerCallbacks = std::function<nn::TrainCallbacks(int layer, Autoencoder& shallow)>;
nn::TrainResult pretrain(Autoencoder& model, const nn::Rows& images,
                         const nn::TrainOptions& options, const LayerCallbacks& callbacks = {},
                         const LayerState& from = {});

// The shallow autoencoder that stands for layer k: the first with the model's output and loss, the
// others with squared error on codes (cross-entropy where those are sigmoids).
Spec layer_spec(const Spec& spec, int layer);

// Throws what pretrain() would throw, ahead of all work.
void check_stackable(const Spec& spec);

}  // namespace hourglass::ae

#pragma once

#include "ae/model/objective.h"

namespace hourglass::ae {

// How well codes [B, H] are told from draws of the prior N(0, 1): the mean of -log D(h), a scalar,
// where the discriminator gives the logits [B, 1] of D.
Var deception(const nn::Mlp& discriminator, const Var& code);

// What the discriminator is trained by: cross-entropy over a batch of codes and as many draws. The
// encoder is held.
nn::Objective discriminator_objective(const Autoencoder& model, const Batch& batch, Step& step);

}  // namespace hourglass::ae

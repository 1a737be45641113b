#pragma once

#include "nn/layers/mlp.h"

namespace hourglass::ae {

// How well codes [B, H] are told from draws of the prior N(0, 1): the mean of -log D(h), a scalar,
// where the discriminator gives the logits [B, 1] of D.
Var deception(const nn::Mlp& discriminator, const Var& code);

// What the discriminator is trained by: cross-entropy over codes [B, H], which are held, and draws
// of the prior [B, H].
Var discrimination(const nn::Mlp& discriminator, const Var& code, const Var& prior);

}  // namespace hourglass::ae

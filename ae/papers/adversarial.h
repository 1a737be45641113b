#pragma once

#include <vector>

#include "ae/model/objective.h"
#include "ae/model/trainer.h"

namespace hourglass::ae {

// How well codes [B, H] are told from draws of the prior N(0, 1): the mean of -log D(h), a scalar,
// where the discriminator gives the logits [B, 1] of D.
Var deception(const Stack& discriminator, const Var& code);

// What the discriminator is trained by: cross-entropy over a batch of codes and as many draws. The
// encoder is held.
Objective discriminator_objective(const Autoencoder& model, const Batch& batch, Step& step);

// Who takes part in the training of a model: its own objective over its own parameters, and where
// it has a discriminator, that one with its own. They share the model's parameters. Against a
// discriminator Adam's beta1 is 0.5 for both.
std::vector<Player> players_of(Autoencoder& model);

}  // namespace hourglass::ae

#pragma once

#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "nn/train/trainer.h"

namespace hourglass::ae {

// objective() of a model as a trainer calls it. The model's parameters are shared.
nn::ObjectiveFunction objective_of(const Autoencoder& model);

// Who takes part in the training of a model: its own objective over its own parameters, and where
// it has a discriminator, that one with its own. They share the model's parameters. Against a
// discriminator Adam's beta1 is 0.5 for both. An objective of one's own takes the place of the
// model's.
std::vector<nn::Player> players_of(Autoencoder& model, const nn::ObjectiveFunction& objective);
std::vector<nn::Player> players_of(Autoencoder& model);

// Trains players, of whom `model` is what the examples go into: an encoder that takes sparse rows is
// given those of a sparse matrix.
nn::TrainResult train(const std::vector<nn::Player>& players, const Spec& spec,
                      const Examples& examples, const nn::TrainOptions& options,
                      const nn::TrainCallbacks& callbacks = {},
                      const nn::TrainState* from = nullptr);

// Throws Error naming the first of the rows [N, D], as stored, that the model cannot give or its
// loss cannot judge, in the model's numbers.
void check_targets(const Autoencoder& model, const nn::Rows& rows);

// Trains a model by its objective, changing its parameters in place; the numbers of its scale are
// found first where they are not set. Throws Error unless images are
// [N, D] and labels, where there are any, one an image; and where nn::train does.
nn::TrainResult train(Autoencoder& model, const Examples& examples, const nn::TrainOptions& options,
                      const nn::TrainCallbacks& callbacks = {},
                      const nn::TrainState* from = nullptr);

}  // namespace hourglass::ae

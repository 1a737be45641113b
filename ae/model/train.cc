#include "ae/model/train.h"

#include <fmt/core.h>

#include "ae/model/objective.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

// With Adam's usual 0.9 each player's momentum outlives the other's answer, and the codes circle
// round the prior; Radford, Metz and Chintala, "Unsupervised representation learning with deep
// convolutional generative adversarial networks", 2016, take a half, too.
constexpr double kAdversarialBeta1 = 0.5;

}  // namespace

nn::ObjectiveFunction objective_of(const Autoencoder& model) {
  return [model](const nn::Batch& batch, Step& step) {
    return objective(model, batch_of(batch), step);
  };
}

std::vector<nn::Player> players_of(Autoencoder& model) {
  return players_of(model, objective_of(model));
}

std::vector<nn::Player> players_of(Autoencoder& model, const nn::ObjectiveFunction& objective) {
  const std::vector<Var> own =
      model.parameters({Part::kEncoder, Part::kLogVariance, Part::kDecoder});
  const std::vector<Var> others = model.parameters({Part::kDiscriminator});
  std::vector<nn::Player> players = {{objective, own}};
  if (others.empty()) return players;
  players[0].beta1 = kAdversarialBeta1;
  players.push_back({[model](const nn::Batch& batch, Step& step) {
                       return discriminator_objective(model, batch_of(batch), step);
                     },
                     others, kAdversarialBeta1});
  return players;
}

nn::TrainResult train(Autoencoder& model, const Examples& examples, const nn::TrainOptions& options,
                      const nn::TrainCallbacks& callbacks) {
  const Shape& images = examples.images.shape();
  if (images.rank() != 2 || images[0] == 0) {
    throw Error(fmt::format("train: images must be [N, D] with at least one row: got {}",
                            to_string(images)));
  }
  if (examples.labels.defined() && examples.labels.shape() != Shape{images[0]}) {
    throw Error(fmt::format("train: needs one label an image: images={}, labels={}",
                            to_string(images), to_string(examples.labels.shape())));
  }
  return nn::train(players_of(model), tensors_of(examples), options, callbacks);
}

}  // namespace hourglass::ae

// Makhzani, Shlens, Jaitly, Goodfellow and Frey, "Adversarial autoencoders", 2015: a discriminator
// learns to tell codes from draws of the prior, the encoder to deceive it. Each has an optimiser of
// its own; the encoder's objective is the one that does not saturate, -log D(h).

#include "ae/papers/adversarial.h"

#include "ae/model/streams.h"
#include "autograd/ops/ops.h"

namespace hourglass::ae {
namespace {

// With Adam's usual 0.9 each player's momentum outlives the other's answer, and the codes circle
// round the prior; Radford, Metz and Chintala, "Unsupervised representation learning with deep
// convolutional generative adversarial networks", 2016, take a half, too.
constexpr double kBeta1 = 0.5;

// Binary cross-entropy from logits, against ones and against zeros; the means over rows.
Var taken_for_prior(const Var& logits) { return mean(softplus(-logits)); }
Var taken_for_code(const Var& logits) { return mean(softplus(logits)); }

}  // namespace

Var deception(const Stack& discriminator, const Var& code) {
  return taken_for_prior(discriminator(code));
}

Objective discriminator_objective(const Autoencoder& model, const Batch& batch, Step& step) {
  const Var code = stop_gradient(model.encode(pixels(batch.images), batch.labels));
  const LabelScope scope("discriminator");
  const Var prior = random_normal(step.key, kPriorStream, code.shape(), code.dtype());
  return make_objective({{"discriminator", taken_for_prior(model.discriminator(prior)) +
                                               taken_for_code(model.discriminator(code))}});
}

std::vector<Player> players_of(Autoencoder& model) {
  std::vector<Var> own, others;
  for (const Var& parameter : model.trained_parameters()) {
    (parameter.label().starts_with("discriminator.") ? others : own).push_back(parameter);
  }
  std::vector<Player> players = {
      {[model](const Batch& batch, Step& step) { return objective(model, batch, step); }, own}};
  if (others.empty()) return players;
  players[0].beta1 = kBeta1;
  players.push_back({[model](const Batch& batch, Step& step) {
                       return discriminator_objective(model, batch, step);
                     },
                     others, kBeta1});
  return players;
}

}  // namespace hourglass::ae

// Makhzani, Shlens, Jaitly, Goodfellow and Frey, "Adversarial autoencoders", 2015: a discriminator
// learns to tell codes from draws of the prior, the encoder to deceive it. Each has an optimiser of
// its own; the encoder's objective is the one that does not saturate, -log D(h).

#include "ae/adversarial.h"

#include "ae/streams.h"
#include "autograd/ops.h"

namespace hourglass::ae {
namespace {

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
  model.visit([&](const std::string& name, Var& parameter) {
    (name.starts_with("discriminator.") ? others : own).push_back(parameter);
  });
  std::vector<Player> players = {
      {[model](const Batch& batch, Step& step) { return objective(model, batch, step); }, own}};
  if (others.empty()) return players;
  players.push_back({[model](const Batch& batch, Step& step) {
                       return discriminator_objective(model, batch, step);
                     },
                     others});
  return players;
}

}  // namespace hourglass::ae

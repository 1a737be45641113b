// Makhzani, Shlens, Jaitly, Goodfellow and Frey, "Adversarial autoencoders", 2015: a discriminator
// learns to tell codes from draws of the prior, the encoder to deceive it. Each has an optimiser of
// its own; the encoder's objective is the one that does not saturate, -log D(h).

#include "ae/papers/adversarial.h"

#include "autograd/ops/ops.h"

namespace hourglass::ae {
namespace {

// Binary cross-entropy from logits, against ones and against zeros; the means over rows.
Var taken_for_prior(const Var& logits) { return mean(softplus(-logits)); }
Var taken_for_code(const Var& logits) { return mean(softplus(logits)); }

}  // namespace

Var deception(const nn::Mlp& discriminator, const Var& code) {
  return taken_for_prior(discriminator(code));
}

Var discrimination(const nn::Mlp& discriminator, const Var& code, const Var& prior) {
  return taken_for_prior(discriminator(prior)) + taken_for_code(discriminator(code));
}

}  // namespace hourglass::ae

#include "ae/model/objective.h"

#include <cmath>

#include "ae/model/corruption.h"
#include "ae/model/streams.h"
#include "ae/papers/adversarial.h"
#include "ae/papers/penalties.h"
#include "ae/papers/vq_vae.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "nn/layers/losses.h"

namespace hourglass::ae {
namespace {

// The error of each element, from the decoder's output before its activation.
Var elementwise_loss(const Spec& spec, const Var& linear, const Var& x) {
  const auto none = nn::Reduce::kNone;
  const Var y = nn::activate(spec.output, linear);
  switch (spec.loss) {
    case Loss::kMse:
      return nn::squared_error(y, x, none);
    case Loss::kCorrentropy:
      return correntropy_loss(y, x, spec.loss_scale);
    case Loss::kGaussian:
      return -log_normal_density(x, y, full(y.shape(), 2 * std::log(spec.loss_scale), y.dtype()));
    case Loss::kBce:
      break;
  }
  return spec.output == nn::Activation::kSigmoid
             ? nn::binary_cross_entropy_with_logits(linear, x, none)
             : nn::binary_cross_entropy(y, x, none);
}

// What the objective is a function of, as the model sees it.
struct Seen {
  const Autoencoder& model;
  Var x;      // the image: the target
  Var noisy;  // what the encoder sees
  Var labels;
  Switches* switches;  // of the noisy image, once it is encoded
};

// A code, how it was reached, and the terms that its rule brings.
struct Coded {
  Var h;     // deterministic: what penalties are about
  Var code;  // what is decoded
  std::vector<nn::Term> terms;
};

// The reconstruction error of linear outputs, [B, D], or [S, B, D] for S draws of each code.
nn::Term reconstruction_term(const Spec& spec, const Var& errors, double images) {
  if (!spec.per_image()) return {std::string(name_of(spec.loss)), mean(errors)};
  const std::string name = spec.loss == Loss::kMse ? "sse" : std::string(name_of(spec.loss));
  return {name + "_per_image", sum(errors) / images};
}

Coded quantised_terms(const Seen& seen, Step& step) {
  const Var h = seen.model.activations(seen.noisy, seen.labels, seen.switches);
  const Quantised q = quantise(h, seen.model.codebook);
  if (step.training) {
    const std::vector<Update> moved =
        codebook_averages(q, h, seen.model.codebook, seen.model.codebook_uses, step.key);
    step.updates.insert(step.updates.end(), moved.begin(), moved.end());
  }
  return {h, q.straight, {{"commitment", q.commitment_loss, seen.model.spec.rule.commitment}}};
}

// log p(x | z) + log p(z) - log q(z | x) of each row.
Var log_weights(const Seen& seen, const Posterior& q, const RandomKey& key) {
  const Var z = reparameterise(q, key, kPosteriorStream);
  const Var linear = seen.model.decode_linear(z, seen.labels, seen.switches);
  return log_prior_ratio(q, z) - sum(elementwise_loss(seen.model.spec, linear, seen.x), {1});
}

// The reconstruction error averaged over the draws, and the KL term; or the bound of both.
std::vector<nn::Term> gaussian_terms(const Seen& seen, const Posterior& q, const Step& step) {
  const Spec& spec = seen.model.spec;
  const CodeRule& rule = spec.rule;
  const double images = static_cast<double>(seen.x.size(0));
  if (rule.importance) {
    const Var weights = over_samples(
        [&](const RandomKey& key) { return log_weights(seen, q, key); }, step.key, rule.samples);
    return {{"iwae_per_image", -mean(importance_bound(weights))}};
  }
  const auto errors = [&](const RandomKey& key) {
    const Var z = reparameterise(q, key, kPosteriorStream);
    return elementwise_loss(spec, seen.model.decode_linear(z, seen.labels, seen.switches), seen.x);
  };
  const Var all =
      rule.samples == 1 ? errors(step.key) : over_samples(errors, step.key, rule.samples);
  return {reconstruction_term(spec, all, images * static_cast<double>(rule.samples)),
          {"kl_per_image", kl_with_free_bits(q, rule.free_bits), rule.beta,
           rule.warm_up > 0 ? warm_up(step, rule.warm_up) : Var()}};
}

// The terms of the model's code rule, reconstruction error included.
Coded coded(const Seen& seen, Step& step) {
  const Spec& spec = seen.model.spec;
  if (spec.rule.kind == Rule::kGaussian) {
    const Posterior q = seen.model.posterior(seen.noisy, seen.labels, seen.switches);
    const LabelScope scope("loss");
    return {q.mean, reparameterise(q, step.key, kPosteriorStream), gaussian_terms(seen, q, step)};
  }
  Coded result;
  if (spec.rule.kind == Rule::kQuantised) {
    result = quantised_terms(seen, step);
  } else {
    result.h = result.code = seen.model.encode(seen.noisy, seen.labels, seen.switches);
  }
  const Var linear = seen.model.decode_linear(result.code, seen.labels, seen.switches);
  const LabelScope scope("loss");
  const Var errors = elementwise_loss(spec, linear, seen.x);
  result.terms.insert(result.terms.begin(),
                      reconstruction_term(spec, errors, static_cast<double>(seen.x.size(0))));
  return result;
}

Var penalty(const Penalty& p, const Seen& seen, const Coded& c, const Step& step) {
  const LabelScope scope(name_of(p.kind));
  const auto encoder = [&](const Var& v) {
    return seen.model.spec.rule.kind == Rule::kQuantised ? seen.model.activations(v, seen.labels)
                                                         : seen.model.encode(v, seen.labels);
  };
  switch (p.kind) {
    case PenaltyKind::kL1:
      return l1_penalty(c.h);
    case PenaltyKind::kKl:
      return kl_sparsity(c.h, p.parameter);
    case PenaltyKind::kContractive:
      return contractive_penalty(c.h, seen.noisy);
    case PenaltyKind::kHutchinson:
      return hutchinson_penalty(c.h, seen.noisy, step.key, kProbeStream);
    case PenaltyKind::kCaeh:
      return caeh_penalty(encoder, seen.noisy, p.parameter, step.key, kNeighbourStream);
    case PenaltyKind::kMmd:
      break;
  }
  return mmd_penalty(c.code, random_normal(step.key, kPriorStream, c.code.shape(), c.code.dtype()));
}

// The images as the objective takes them.
Var targets(const Spec& spec, const Var& stored, const Step& step) {
  const Var x = pixels(stored);
  if (spec.binarize == Binarize::kNone) return x;
  if (spec.binarize == Binarize::kDynamic) return random_bernoulli(step.key, kBinarizeStream, x);
  return greater(x, full(x.shape(), 0.5, x.dtype()));
}

}  // namespace

Var image_losses(const Autoencoder& model, const Batch& batch, const Step& step) {
  const Spec& spec = model.spec;
  const Var x = targets(spec, batch.images, step);
  const bool gaussian = spec.rule.kind == Rule::kGaussian;
  Switches switches;
  const Posterior q = gaussian ? model.posterior(x, batch.labels, &switches) : Posterior{};
  const Var code = gaussian ? q.mean : model.encode(x, batch.labels, &switches);
  const Var linear = model.decode_linear(code, batch.labels, &switches);
  const Var errors = sum(elementwise_loss(spec, linear, x), {1});
  if (!gaussian) return errors;
  return errors + spec.rule.beta * sum(kl_standard_normal(q.mean, q.log_variance), {1});
}

nn::Objective objective(const Autoencoder& model, const Batch& batch, Step& step) {
  const Spec& spec = model.spec;
  const Var x = targets(spec, batch.images, step);
  Switches switches;
  const Seen seen{model, x, corrupt(x, spec.corruption, step), batch.labels, &switches};
  Coded c = coded(seen, step);
  const LabelScope scope("loss");
  for (const Penalty& p : spec.penalties) {
    c.terms.push_back({std::string(name_of(p.kind)), penalty(p, seen, c, step), p.weight});
  }
  if (!spec.discriminator.empty()) {
    c.terms.push_back({"deception", deception(model.discriminator, c.code), spec.adversarial});
  }
  return nn::make_objective(std::move(c.terms));
}

}  // namespace hourglass::ae

#include "ae/model/objective.h"

#include "ae/papers/adversarial.h"
#include "ae/papers/streams.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"

namespace hourglass::ae {
namespace {

using nn::Unit;

constexpr double kMostEntries = 1e300;

// What the objective is made of: the image, and what the encoder gives for it, noisy or not.
struct Inputs {
  const Autoencoder& model;
  Var target;   // what the decoder should give
  Var present;  // where there is such a target; undefined: everywhere
  Var noisy;    // what the encoder sees
  Encoded encoded;
};

// The error of each element, exactly 0 with derivative 0 where there is no target.
Var errors_of(const Inputs& in, const LossInput& given) {
  const Var errors = elementwise_loss(in.model.spec.loss, given);
  return in.present.defined() ? gate(errors, in.present) : errors;
}

// What is decoded, and the terms that the code rule brings, reconstruction error included.
struct Coded {
  Var code;
  std::vector<nn::Term> terms;
};

// The code without noise, as a function of the image that has a derivative: what penalties are
// about.
const Var& smooth_code(const Encoded& e) {
  return e.quantised.straight.defined() ? e.before : e.code;
}

// The reconstruction error of linear outputs, [B, D], or [S, B, D] for S draws of each code.
nn::Term reconstruction_term(const Inputs& in, const Var& errors, double images) {
  const Spec& spec = in.model.spec;
  if (!spec.per_image()) {
    return {.name = std::string(name_of(spec.loss)),
            .value = in.present.defined() ? sum(errors) / clip(sum(in.present), 1, kMostEntries)
                                          : mean(errors),
            .unit = Unit::kInputMean};
  }
  return {.name = std::string(traits_of(spec.loss).sum_name) + "_per_image",
          .value = sum(errors) / images,
          .unit = Unit::kInputSum};
}

// log p(x | z) + log p(z) - log q(z | x) of each row.
Var log_weights(const Inputs& in, const RandomKey& key, const Stream& stream) {
  const Posterior& q = in.encoded.posterior;
  const Var z = reparameterise(q, key, stream);
  const Var errors = errors_of(in, in.model.loss_input(in.encoded.with_code(z), in.target));
  return log_prior_ratio(q, key, stream) - sum(errors, {1});
}

// The reconstruction error averaged over the draws, and the KL term; or the bound of both.
std::vector<nn::Term> gaussian_terms(const Inputs& in, const Gaussian& rule, const Step& step,
                                     const Stream& stream) {
  const Posterior& q = in.encoded.posterior;
  const double images = static_cast<double>(in.target.size(0));
  if (rule.importance) {
    const Var weights = over_samples(
        [&](const RandomKey& key) { return log_weights(in, key, stream); }, step.key, rule.samples);
    return {{.name = "iwae_per_image",
             .value = -mean(importance_bound(weights)),
             .unit = Unit::kInputSum}};
  }
  const auto errors = [&](const RandomKey& key) {
    const Var z = reparameterise(q, key, stream);
    return errors_of(in, in.model.loss_input(in.encoded.with_code(z), in.target));
  };
  const Var all =
      rule.samples == 1 ? errors(step.key) : over_samples(errors, step.key, rule.samples);
  return {reconstruction_term(in, all, images * static_cast<double>(rule.samples)),
          {"kl_per_image", kl_with_free_bits(q, rule.free_bits), rule.beta,
           rule.warm_up > 0 ? warm_up(step, rule.warm_up) : Var(), Unit::kCodeSum}};
}

// The commitment; the codebook follows the encoder while training.
nn::Term quantised_term(const Inputs& in, const Quantised& rule, Step& step) {
  const Quantisation& q = in.encoded.quantised;
  if (step.training) {
    for (const Update& moved :
         codebook_averages(q, in.encoded.before, in.model.codebook, in.model.codebook_uses,
                           step.key, step.stream(streams::kRestart))) {
      step.update(moved.parameter, moved.value);
    }
  }
  return {.name = "commitment",
          .value = q.commitment_loss,
          .weight = rule.commitment,
          .unit = Unit::kCodeSum};
}

Coded coded(const Inputs& in, Step& step) {
  const Spec& spec = in.model.spec;
  if (const Gaussian* rule = spec.gaussian()) {
    const Stream stream = step.stream(streams::kPosterior);
    const LabelScope scope("loss");
    const Var z = reparameterise(in.encoded.posterior, step.key, stream);
    return {z, gaussian_terms(in, *rule, step, stream)};
  }
  std::vector<nn::Term> terms;
  if (const Quantised* rule = spec.quantised()) terms.push_back(quantised_term(in, *rule, step));
  const LossInput given = in.model.loss_input(in.encoded, in.target);
  const LabelScope scope("loss");
  const double images = static_cast<double>(in.target.size(0));
  terms.insert(terms.begin(), reconstruction_term(in, errors_of(in, given), images));
  return {in.encoded.code, std::move(terms)};
}

nn::Term penalty_term(const Penalty& p, const Inputs& in, const Var& code, Step& step) {
  const auto encode = [&](const Var& x) {
    return smooth_code(in.model.encode(x, in.encoded.labels));
  };
  PenaltyInput input{in.noisy, smooth_code(in.encoded), code, encode, step.key};
  if (!p.kind->stream.name.empty()) input.stream = step.stream(p.kind->stream);
  const LabelScope loss("loss"), scope(p.kind->name);
  return {.name = std::string(p.kind->name),
          .value = p.term(input),
          .weight = p.weight(),
          .unit = p.kind->over_units ? Unit::kCodeSum : Unit::kWhole};
}

// The images in the model's numbers, and in black and white where it learns from these.
Var clean_images(const Autoencoder& model, const Var& stored, Step& step) {
  const Spec& spec = model.spec;
  const Var x = model.scaled(stored);
  if (spec.binarize == Binarize::kNone) return x;
  if (spec.binarize == Binarize::kDynamic) {
    return random_bernoulli(step.key, step.stream(streams::kBinarize), x);
  }
  return greater(x, full(x.shape(), 0.5, x.dtype()));
}

// What the loss compares with: the images, unless the encoder alone sees them scaled.
Var targets(const Autoencoder& model, const Var& stored, const Var& clean) {
  return model.input.scale == Scale::kLog1p ? model.target(stored) : clean;
}

// Noise of the code layer for the images x, or nothing.
Var code_noise(const Spec& spec, const Var& x, Step& step) {
  if (!step.training || spec.code_noise == 0) return {};
  const Stream stream = step.stream("code_noise");
  return random_normal(step.key, stream, Shape{x.size(0), spec.code_width()}, x.dtype()) *
         spec.code_noise;
}

}  // namespace

Var image_losses(const Autoencoder& model, const Batch& batch, const Step& step) {
  const Spec& spec = model.spec;
  Step again = step;  // for every class the same draw
  const Var x = clean_images(model, batch.images, again);
  const Encoded encoded = model.encode(x, batch.labels);
  const Inputs in{model, targets(model, batch.images, x), model.present(batch.images), x, encoded};
  const Var errors = sum(errors_of(in, model.loss_input(encoded, in.target)), {1});
  if (!spec.gaussian()) return errors;
  const Posterior& q = encoded.posterior;
  return errors + spec.gaussian()->beta * sum(kl_standard_normal(q.mean, q.log_variance), {1});
}

nn::Objective objective(const Autoencoder& model, const Batch& batch, Step& step) {
  const Spec& spec = model.spec;
  const Var x = clean_images(model, batch.images, step);
  const Var noisy = corrupt(x, spec.corruption, step);
  const Var noise = code_noise(spec, x, step);
  const Inputs in{model, targets(model, batch.images, x), model.present(batch.images), noisy,
                  batch.sparse ? model.encode(model.scaled(*batch.sparse), noise)
                               : model.encode(noisy, batch.labels, noise)};
  Coded c = coded(in, step);
  for (const Penalty& p : spec.penalties) c.terms.push_back(penalty_term(p, in, c.code, step));
  const LabelScope scope("loss");
  if (!spec.discriminator.empty()) {
    const LabelScope judged("discriminator");
    c.terms.push_back({"deception", deception(model.discriminator, c.code), spec.adversarial});
  }
  return nn::make_objective(std::move(c.terms));
}

nn::Objective discriminator_objective(const Autoencoder& model, const Batch& batch, Step& step) {
  const Var code = stop_gradient(model.encode(model.scaled(batch.images), batch.labels).code);
  const Stream stream = step.stream(streams::kPrior);
  const LabelScope scope("discriminator");
  const Var prior = random_normal(step.key, stream, code.shape(), code.dtype());
  return nn::make_objective({{"discriminator", discrimination(model.discriminator, code, prior)}});
}

}  // namespace hourglass::ae

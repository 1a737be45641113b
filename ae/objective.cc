#include "ae/objective.h"

#include <cmath>
#include <numbers>

#include "ae/corruption.h"
#include "ae/penalties.h"
#include "ae/streams.h"
#include "autograd/composites.h"
#include "autograd/ops.h"
#include "nn/losses.h"

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

Term reconstruction_term(const Spec& spec, const Var& linear, const Var& x) {
  const Var errors = elementwise_loss(spec, linear, x);
  if (!spec.per_image()) {
    return {std::string(name_of(spec.loss)), nn::reduce(errors, nn::Reduce::kMeanOverElements)};
  }
  const std::string name = spec.loss == Loss::kMse ? "sse" : std::string(name_of(spec.loss));
  return {name + "_per_image", nn::reduce(errors, nn::Reduce::kSumFeaturesMeanExamples)};
}

// What the encoder saw and what it made of it.
struct Encoded {
  Var x;
  Var h;
  Encoder encoder;
};

Var penalty(const Penalty& p, const Encoded& e, const Step& step) {
  const LabelScope scope(name_of(p.kind));
  switch (p.kind) {
    case PenaltyKind::kL1:
      return l1_penalty(e.h);
    case PenaltyKind::kKl:
      return kl_sparsity(e.h, p.parameter);
    case PenaltyKind::kContractive:
      return contractive_penalty(e.h, e.x);
    case PenaltyKind::kHutchinson:
      return hutchinson_penalty(e.h, e.x, step.key, kProbeStream);
    case PenaltyKind::kCaeh:
      return caeh_penalty(e.encoder, e.x, p.parameter, step.key, kNeighbourStream);
    case PenaltyKind::kMmd:
      break;
  }
  return constant(0);
}

}  // namespace

Objective make_objective(std::vector<Term> terms) {
  Objective result;
  for (const Term& term : terms) {
    term.value.named(term.name);
    const Var part = term.weight == 1 ? term.value : term.weight * term.value;
    result.loss = result.loss.defined() ? result.loss + part : part;
  }
  result.terms = std::move(terms);
  return result;
}

Objective objective(const Autoencoder& model, const Batch& batch, Step& step) {
  const Spec& spec = model.spec;
  const Var x = pixels(batch.images);
  const Var seen = corrupt(x, spec.corruption, step);
  const Encoded encoded{seen, model.encode(seen), [&](const Var& v) { return model.encode(v); }};
  const Var linear = model.decode_linear(encoded.h);
  const LabelScope scope("loss");
  std::vector<Term> terms = {reconstruction_term(spec, linear, x)};
  for (const Penalty& p : spec.penalties) {
    terms.push_back({std::string(name_of(p.kind)), penalty(p, encoded, step), p.weight});
  }
  return make_objective(std::move(terms));
}

}  // namespace hourglass::ae

#include "ae/model/spec.h"

#include <fmt/core.h>

#include <cmath>

#include "ae/model/conv.h"
#include "ae/model/names.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using Widths = std::vector<std::int64_t>;

constexpr Names<Loss, 4> kLosses = {{{"mse", Loss::kMse},
                                     {"bce", Loss::kBce},
                                     {"correntropy", Loss::kCorrentropy},
                                     {"gaussian", Loss::kGaussian}}};
constexpr Names<Rule, 4> kRules = {{{"deterministic", Rule::kDeterministic},
                                    {"top-k", Rule::kTopK},
                                    {"gaussian", Rule::kGaussian},
                                    {"quantised", Rule::kQuantised}}};
constexpr Names<Binarize, 4> kBinarizes = {{{"none", Binarize::kNone},
                                            {"threshold", Binarize::kThreshold},
                                            {"dynamic", Binarize::kDynamic},
                                            {"static", Binarize::kStatic}}};
constexpr Names<Upsampling, 2> kUpsamplings = {
    {{"transposed", Upsampling::kTransposed}, {"nearest", Upsampling::kNearest}}};
constexpr Names<nn::Init, 5> kInits = {{{"torch", nn::Init::kTorch},
                                        {"xavier-uniform", nn::Init::kXavierUniform},
                                        {"xavier-normal", nn::Init::kXavierNormal},
                                        {"kaiming-uniform", nn::Init::kKaimingUniform},
                                        {"kaiming-normal", nn::Init::kKaimingNormal}}};

std::string text_of(const Widths& widths) {
  std::string text;
  for (std::int64_t width : widths) text += (text.empty() ? "" : ", ") + std::to_string(width);
  return "[" + text + "]";
}

void check_widths(const char* what, const Widths& widths) {
  if (widths.size() < 2) {
    throw Error(fmt::format("spec: {} needs at least two widths: got {}", what, text_of(widths)));
  }
  for (std::int64_t width : widths) {
    if (width < 1)
      throw Error(fmt::format("spec: {} widths must be at least 1: got {}", what, text_of(widths)));
  }
}

void check_conv_layer(const ConvLayer& layer, std::size_t i) {
  const std::pair<const char*, std::int64_t> fields[] = {{"channels", layer.channels},
                                                         {"kernel", layer.kernel},
                                                         {"stride", layer.stride},
                                                         {"pool", layer.pool}};
  for (const auto& [name, value] : fields) {
    if (value < 1) {
      throw Error(fmt::format("spec: conv.{}: {} must be at least 1: got {}", i, name, value));
    }
  }
  if (layer.padding >= 0 && layer.padding < layer.kernel) return;
  throw Error(fmt::format("spec: conv.{}: padding must be 0 to {}, less than the kernel: got {}", i,
                          layer.kernel - 1, layer.padding));
}

void check_conv(const Spec& spec) {
  for (std::size_t i = 0; i < spec.conv.size(); ++i) check_conv_layer(spec.conv[i], i);
  const MapSize image = map_sizes(spec).front();
  if (spec.encoder.empty() || image.elements() != spec.input_width()) {
    throw Error(fmt::format("spec: convolutions need images of {} by {} by {}: encoder={}",
                            image.channels, image.height, image.width, text_of(spec.encoder)));
  }
  if (!spec.decoder.empty()) {
    throw Error("spec: the decoder of a convolutional encoder mirrors it: leave out its widths");
  }
  const bool dense = spec.encoder.size() > 1;
  if (!dense && (spec.rule.kind == Rule::kGaussian || spec.classes > 0)) {
    throw Error(
        "spec: a Gaussian code, or one that is told classes, needs a dense layer after the "
        "convolutions");
  }
  if (spec.upsampling != Upsampling::kNearest) return;
  if (spec.tied) {
    throw Error("spec: tied weights need transposed convolutions: the upsampling is nearest");
  }
  for (std::size_t i = 0; i < spec.conv.size(); ++i) {
    if (spec.conv[i].kernel % 2 == 1) continue;
    throw Error(fmt::format("spec: conv.{}: upsampling by nearest needs odd kernels: got {}", i,
                            spec.conv[i].kernel));
  }
}

void check_architecture(const Spec& spec) {
  if (!spec.conv.empty()) check_conv(spec);
  if (!spec.conv.empty() && spec.encoder.size() == 1) return;
  check_widths("encoder", spec.encoder);
  if (!spec.conv.empty()) return;
  const Widths decoder = spec.decoder_widths();
  check_widths("decoder", decoder);
  if (decoder.front() != spec.code_width() || decoder.back() != spec.input_width()) {
    throw Error(fmt::format(
        "spec: the decoder must lead from the code back to the input: encoder={}, "
        "decoder={}: expected {} to {}",
        text_of(spec.encoder), text_of(decoder), spec.code_width(), spec.input_width()));
  }
  if (spec.tied && decoder != Widths(spec.encoder.rbegin(), spec.encoder.rend())) {
    throw Error(fmt::format("spec: tied weights need a mirrored decoder: encoder={}, decoder={}",
                            text_of(spec.encoder), text_of(decoder)));
  }
}

void check_positive(const char* what, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw Error(fmt::format("spec: {} must be a positive number: got {}", what, value));
}

void check_top_k(const Spec& spec) {
  if (spec.rule.active >= 1 && spec.rule.active <= spec.code_width()) return;
  throw Error(fmt::format("spec: top-k: the active units must be 1 to {}, the code's width: got {}",
                          spec.code_width(), spec.rule.active));
}

// A number of the code rule that must be at least `least`.
void check_at_least(const char* what, double value, double least) {
  if (value >= least && std::isfinite(value)) return;
  throw Error(fmt::format("spec: {} must be at least {}: got {}", what, least, value));
}

void check_gaussian(const Spec& spec) {
  check_at_least("beta", spec.rule.beta, 0);
  check_at_least("warm_up", static_cast<double>(spec.rule.warm_up), 0);
  check_at_least("free_bits", spec.rule.free_bits, 0);
  check_at_least("samples", static_cast<double>(spec.rule.samples), 1);
  if (spec.code != nn::Activation::kIdentity) {
    throw Error(fmt::format(
        "spec: the mean of a Gaussian code is not bounded: the code activation is {}: expected "
        "identity",
        nn::name_of(spec.code)));
  }
  const bool likelihood = spec.loss == Loss::kBce || spec.loss == Loss::kGaussian;
  if (spec.rule.importance && !likelihood) {
    throw Error(
        fmt::format("spec: importance weights need a likelihood: the loss is {}: expected bce or "
                    "gaussian",
                    name_of(spec.loss)));
  }
  if (spec.rule.importance && (spec.rule.warm_up != 0 || spec.rule.free_bits != 0)) {
    throw Error(
        "spec: an importance-weighted bound has no KL term: leave out its warm-up and free bits");
  }
  if (spec.rule.importance && spec.rule.beta != 1) {
    throw Error(fmt::format("spec: an importance-weighted bound has no beta: expected 1: got {}",
                            spec.rule.beta));
  }
}

void check_quantised(const Spec& spec) {
  check_at_least("the codebook's entries", static_cast<double>(spec.rule.entries), 1);
  check_at_least("the width of the codebook's entries", static_cast<double>(spec.rule.entry_width),
                 1);
  check_at_least("commitment", spec.rule.commitment, 0);
  if (spec.code_width() % spec.rule.entry_width == 0) return;
  throw Error(fmt::format("spec: the codebook's vectors must divide the code: width {} of {}",
                          spec.rule.entry_width, spec.code_width()));
}

void check_rule(const Spec& spec) {
  if (spec.rule.kind == Rule::kTopK) check_top_k(spec);
  if (spec.rule.kind == Rule::kGaussian) check_gaussian(spec);
  if (spec.rule.kind == Rule::kQuantised) check_quantised(spec);
  check_at_least("classes", static_cast<double>(spec.classes), 0);
  if (spec.tied && spec.classes > 0) {
    throw Error("spec: tied weights and classes do not go together: the code has no room for them");
  }
  check_positive("adversarial", spec.adversarial);
  for (std::int64_t width : spec.discriminator) {
    check_at_least("discriminator widths", static_cast<double>(width), 1);
  }
}

// Codes that a KL divergence between Bernoulli distributions can be taken of.
void check_penalties(const Spec& spec) {
  for (std::size_t i = 0; i < spec.penalties.size(); ++i) {
    const Penalty& p = spec.penalties[i];
    check(p);
    for (std::size_t j = 0; j < i; ++j) {
      if (spec.penalties[j].kind != p.kind) continue;
      throw Error(fmt::format("spec: the penalty {} is given twice: {} and {}", name_of(p.kind),
                              to_text(spec.penalties[j]), to_text(p)));
    }
    if (p.kind == PenaltyKind::kKl && spec.code != nn::Activation::kSigmoid) {
      throw Error(
          fmt::format("spec: the penalty kl needs code units between 0 and 1: the code activation "
                      "is {}: expected sigmoid",
                      nn::name_of(spec.code)));
    }
  }
}

}  // namespace

Widths Spec::decoder_widths() const {
  if (!decoder.empty()) return decoder;
  Widths widths(encoder.rbegin(), encoder.rend());
  if (!conv.empty()) widths.back() = features();
  return widths;
}

std::int64_t Spec::features() const {
  return conv.empty() ? input_width() : map_sizes(*this).back().elements();
}

std::int64_t Spec::code_width() const { return encoder.size() == 1 ? features() : encoder.back(); }

bool Spec::per_image() const {
  return !penalties.empty() || rule.kind == Rule::kGaussian || rule.kind == Rule::kQuantised ||
         loss == Loss::kGaussian || !discriminator.empty();
}

void check(const Spec& spec) {
  check_architecture(spec);
  check_positive("loss_scale", spec.loss_scale);
  check_rule(spec);
  for (const Corruption& c : spec.corruption) check(c);
  check_penalties(spec);
}

std::string_view name_of(Loss loss) { return name_in(kLosses, loss); }
Loss loss_named(std::string_view name) { return find_named(kLosses, name, "loss"); }
std::string_view name_of(Rule rule) { return name_in(kRules, rule); }
Rule rule_named(std::string_view name) { return find_named(kRules, name, "code rule"); }
std::string_view name_of(Upsampling upsampling) { return name_in(kUpsamplings, upsampling); }
Upsampling upsampling_named(std::string_view name) {
  return find_named(kUpsamplings, name, "upsampling");
}
std::string_view name_of(Binarize binarize) { return name_in(kBinarizes, binarize); }
Binarize binarize_named(std::string_view name) { return find_named(kBinarizes, name, "binarize"); }
std::string_view name_of(nn::Init init) { return name_in(kInits, init); }
nn::Init init_named(std::string_view name) { return find_named(kInits, name, "init"); }

}  // namespace hourglass::ae

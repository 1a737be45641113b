#include "ae/spec.h"

#include <cmath>

#include "ae/names.h"

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

void check_architecture(const Spec& spec) {
  check_widths("encoder", spec.encoder);
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

void check_rule(const Spec& spec) {
  if (spec.rule.kind == Rule::kTopK) check_top_k(spec);
  if (spec.rule.kind == Rule::kGaussian || spec.rule.kind == Rule::kQuantised) {
    throw Error(fmt::format("spec: the code rule {} is not there yet", name_of(spec.rule.kind)));
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
  return decoder.empty() ? Widths(encoder.rbegin(), encoder.rend()) : decoder;
}

bool Spec::per_image() const {
  return !penalties.empty() || rule.kind == Rule::kGaussian || rule.kind == Rule::kQuantised ||
         loss == Loss::kGaussian;
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
std::string_view name_of(nn::Init init) { return name_in(kInits, init); }
nn::Init init_named(std::string_view name) { return find_named(kInits, name, "init"); }

}  // namespace hourglass::ae

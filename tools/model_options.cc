#include "tools/model_options.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::tools {
namespace {

void apply_loss(const std::string& text, ae::Spec& spec) {
  const auto [name, numbers] = ae::parse_named_numbers("loss", text);
  spec.loss = ae::loss_named(name);
  const bool scaled = spec.loss == ae::Loss::kCorrentropy || spec.loss == ae::Loss::kGaussian;
  if (numbers.size() > (scaled ? 1 : 0)) {
    throw Error(fmt::format("loss: expected {}{}: got {}", name, scaled ? ":SCALE" : "", text));
  }
  if (!numbers.empty()) spec.loss_scale = numbers[0];
}

void apply_penalty(const ae::Penalty& penalty, ae::Spec& spec) {
  const auto same = std::find_if(spec.penalties.begin(), spec.penalties.end(),
                                 [&](const ae::Penalty& p) { return p.kind == penalty.kind; });
  if (same == spec.penalties.end()) {
    spec.penalties.push_back(penalty);
  } else {
    *same = penalty;
  }
}

}  // namespace

void add_model_options(CLI::App& command, ModelOptions& o) {
  command.add_option("--code", o.code, "Width of the code");
  command.add_option("--hidden", o.hidden, "Widths between input and code: 1000,500,250")
      ->delimiter(',');
  command.add_option("--loss", o.loss, "mse, bce, correntropy:SCALE or gaussian:SCALE");
  command.add_option("--activation", o.activation,
                     "Of the hidden layers: relu, sigmoid, tanh, softplus or identity");
  command.add_option("--code-activation", o.code_activation, "Of the code layer");
  command.add_option("--top-k", o.top_k, "Only so many units of the code, the largest, stay");
  command.add_flag("--tied", o.tied, "The decoder uses the encoder's weights, transposed");
  command.add_option("--corruption", o.corruption,
                     "What the encoder sees: gaussian:0.5, masking:0.25, salt-and-pepper:0.1 or "
                     "cauchy:0.1; may be repeated");
  command.add_option("--penalty", o.penalties,
                     "A term of the loss: l1:WEIGHT, kl:RHO,WEIGHT, contractive:WEIGHT, "
                     "hutchinson:WEIGHT or caeh:WEIGHT,SIGMA; may be repeated");
}

void apply(const ModelOptions& options, ae::Spec& spec) {
  if (options.hidden) {
    const std::int64_t input = spec.input_width(), code = spec.code_width();
    spec.encoder = {input};
    spec.encoder.insert(spec.encoder.end(), options.hidden->begin(), options.hidden->end());
    spec.encoder.push_back(code);
  }
  if (options.code) spec.encoder.back() = *options.code;
  if (options.loss) apply_loss(*options.loss, spec);
  if (options.activation) spec.hidden = nn::activation_named(*options.activation);
  if (options.code_activation) spec.code = nn::activation_named(*options.code_activation);
  if (options.top_k) spec.rule = {.kind = ae::Rule::kTopK, .active = *options.top_k};
  if (options.tied) spec.tied = true;
  if (!options.corruption.empty()) spec.corruption.clear();
  for (const std::string& text : options.corruption) {
    spec.corruption.push_back(ae::corruption_from_text(text));
  }
  for (const std::string& text : options.penalties) {
    apply_penalty(ae::penalty_from_text(text), spec);
  }
}

}  // namespace hourglass::tools

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

void apply_conv(const ModelOptions& options, ae::Spec& spec) {
  if (options.conv) {
    ae::ConvLayer layer = spec.conv.empty() ? ae::ConvLayer{.stride = 2} : spec.conv.front();
    spec.conv.clear();
    for (std::int64_t channels : *options.conv) {
      layer.channels = channels;
      spec.conv.push_back(layer);
    }
  }
  if ((options.pool || options.upsampling) && spec.conv.empty()) {
    throw Error("train: --pool and --upsampling need convolutions: add --conv 16,32");
  }
  for (ae::ConvLayer& layer : spec.conv) {
    if (options.pool && layer.stride > 1) std::swap(layer.stride, layer.pool);
  }
  if (options.upsampling) spec.upsampling = ae::upsampling_named(*options.upsampling);
}

void apply_architecture(const ModelOptions& options, ae::Spec& spec) {
  if (options.image) spec.image = {1, options.image->at(0), options.image->at(1)};
  apply_conv(options, spec);
  const bool dense = spec.encoder.size() > 1;
  if (options.hidden) {
    const std::int64_t input = spec.input_width(), code = spec.code_width();
    spec.encoder = {input};
    spec.encoder.insert(spec.encoder.end(), options.hidden->begin(), options.hidden->end());
    spec.encoder.push_back(code);
  }
  if (options.code) {
    if (dense || options.hidden) spec.encoder.pop_back();
    spec.encoder.push_back(*options.code);
  }
  if (!options.decoder) return;
  spec.decoder = {spec.code_width()};
  spec.decoder.insert(spec.decoder.end(), options.decoder->begin(), options.decoder->end());
  spec.decoder.push_back(spec.input_width());
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

// A code that takes the place of the model's own.
void change_rule(ae::Rule kind, ae::Spec& spec) {
  if (spec.rule.kind == kind) return;
  spec.rule = {.kind = kind};
  if (kind == ae::Rule::kGaussian) spec.code = nn::Activation::kIdentity;
}

void apply_gaussian(const ModelOptions& o, ae::Spec& spec) {
  if ((o.beta || o.warm_up || o.free_bits || o.samples) && spec.rule.kind != ae::Rule::kGaussian) {
    throw Error(
        "train: --beta, --warm-up, --free-bits and --samples need a Gaussian code: add "
        "--gaussian");
  }
  if (o.beta) spec.rule.beta = *o.beta;
  if (o.warm_up) spec.rule.warm_up = *o.warm_up;
  if (o.free_bits) spec.rule.free_bits = *o.free_bits;
  if (o.samples) spec.rule.samples = *o.samples;
}

void apply_rule(const ModelOptions& o, ae::Spec& spec) {
  if ((o.top_k ? 1 : 0) + (o.gaussian ? 1 : 0) + (o.codebook ? 1 : 0) > 1) {
    throw Error(
        "train: a code is one of top-k, Gaussian and quantised: leave out all but one of "
        "--top-k, --gaussian and --codebook");
  }
  if (o.gaussian) change_rule(ae::Rule::kGaussian, spec);
  if (o.top_k) {
    change_rule(ae::Rule::kTopK, spec);
    spec.rule.active = *o.top_k;
  }
  if (o.codebook) {
    if (o.codebook->size() != 2) {
      throw Error(fmt::format("train: --codebook: expected two numbers, as in 64,8: got {}",
                              o.codebook->size()));
    }
    change_rule(ae::Rule::kQuantised, spec);
    spec.rule.entries = o.codebook->at(0);
    spec.rule.entry_width = o.codebook->at(1);
  }
  apply_gaussian(o, spec);
}

}  // namespace

void add_model_options(const Command& command, ModelOptions& o) {
  command.add_option("--code", o.code, "Width of the code");
  command.add_option("--hidden", o.hidden,
                     "Widths between input and code: 1000,500,250; \"\" for none");
  command.add_option(
      "--decoder", o.decoder,
      "Widths between code and output, where the decoder is not to mirror the encoder: "
      "250,1000; \"\" for none");
  command.add_option(
      "--conv", o.conv,
      "Convolutions with so many channels each: 16,32,8; 3 x 3 of stride 2 where the "
      "model has none of its own");
  command.add_flag("--pool", o.pool,
                   "Convolutions of stride 1 with max-pooling in place of strides");
  command.add_option("--upsampling", o.upsampling,
                     "What undoes strides: transposed (convolutions) or nearest (pixels repeated)");
  command.add_option("--loss", o.loss, "mse, bce, correntropy:SCALE or gaussian:SCALE");
  command.add_option("--activation", o.activation,
                     "Of the hidden layers: relu, sigmoid, tanh, softplus or identity");
  command.add_option("--code-activation", o.code_activation, "Of the code layer");
  command.add_option("--init", o.init,
                     "First weights: torch (PyTorch's default), xavier-uniform, xavier-normal, "
                     "kaiming-uniform or kaiming-normal");
  command.add_option("--top-k", o.top_k, "Only so many units of the code, the largest, stay");
  command.add_flag("--gaussian", o.gaussian, "A normal posterior over codes, as a VAE has it");
  command.add_option("--beta", o.beta, "Weight of a Gaussian code's KL term");
  command.add_option("--warm-up", o.warm_up, "Steps in which beta rises from 0");
  command.add_option("--free-bits", o.free_bits, "Nats of each dimension's KL that cost nothing");
  command.add_option("--samples", o.samples, "Draws of the posterior an image");
  command.add_option("--codebook", o.codebook, "Quantised codes: how many vectors, how wide: 64,8");
  command.add_option("--discriminator", o.discriminator,
                     "Hidden widths of a discriminator of codes, which the encoder deceives: 256");
  command.add_option("--classes", o.classes, "Encoder and decoder are told the label, of so many");
  command.add_option("--binarize", o.binarize,
                     "Learn from black and white: threshold (above 1/2), dynamic (drawn at each "
                     "step) or static (drawn once from the seed)");
  command.add_flag("--tied", o.tied, "The decoder uses the encoder's weights, transposed");
  command.add_option("--corruption", o.corruption,
                     "What the encoder sees: gaussian:0.5, masking:0.25, salt-and-pepper:0.1 or "
                     "cauchy:0.1; may be repeated");
  command.add_option("--penalty", o.penalties,
                     "A term of the loss: l1:WEIGHT, kl:RHO,WEIGHT, contractive:WEIGHT, "
                     "hutchinson:WEIGHT, caeh:WEIGHT,SIGMA or mmd:WEIGHT; may be repeated");
}

void apply(const ModelOptions& options, ae::Spec& spec) {
  apply_architecture(options, spec);
  if (options.loss) apply_loss(*options.loss, spec);
  if (options.activation) spec.hidden = nn::activation_named(*options.activation);
  if (options.code_activation) spec.code = nn::activation_named(*options.code_activation);
  if (options.init) spec.init = ae::init_named(*options.init);
  apply_rule(options, spec);
  if (options.discriminator) spec.discriminator = *options.discriminator;
  if (options.classes) spec.classes = *options.classes;
  if (options.binarize) spec.binarize = ae::binarize_named(*options.binarize);
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

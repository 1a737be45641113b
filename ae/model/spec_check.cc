#include "ae/model/spec.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "ae/model/categories.h"
#include "ae/model/spec_fields.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using Widths = std::vector<std::int64_t>;

constexpr std::int64_t kMostNumbers = std::numeric_limits<std::int32_t>::max();

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
  const std::string name = fmt::format("spec: conv.{}: ", i);
  for (const Field<ConvLayer>& f : conv_layer_fields()) {
    check_limits(name + f.name, f.limits, f.get(layer));
  }
  const Size2d most{layer.kernel.height - 1, layer.kernel.width - 1};
  if (layer.padding.height <= most.height && layer.padding.width <= most.width) return;
  throw Error(fmt::format("{}padding must be 0 to {}, less than the kernel: got {}", name,
                          to_text(most), to_text(layer.padding)));
}

void check_input(const Spec& spec) {
  if (spec.input.empty()) return;
  const bool known = spec.input.size() <= 3;
  for (std::int64_t size : spec.input) {
    if (known && size >= 1 && size <= kMostNumbers) continue;
    throw Error(fmt::format("spec: input must be [D], [C, T] or [C, H, W], each at least 1: got {}",
                            text_of(spec.input)));
  }
  std::int64_t numbers = 1;
  for (std::int64_t size : spec.input) numbers = std::min(numbers * size, kMostNumbers + 1);
  if (!spec.encoder.empty() && numbers == spec.input_width()) return;
  const std::string row = spec.input.size() == 1 ? "" : fmt::format(", {} numbers", numbers);
  throw Error(fmt::format("spec: the input is {}{}: encoder={}", shape_text(spec.input), row,
                          text_of(spec.encoder)));
}

// A series is one row high.
void check_along_time(const ConvLayer& layer, std::size_t i) {
  if (layer == along_time(layer)) return;
  throw Error(fmt::format(
      "spec: conv.{}: a series is one row of steps: expected kernel, stride and pool of 1xN and "
      "padding of 0xN: got {}, {}, {} and {}",
      i, to_text(layer.kernel), to_text(layer.stride), to_text(layer.pool),
      to_text(layer.padding)));
}

void check_conv(const Spec& spec) {
  for (std::size_t i = 0; i < spec.conv.size(); ++i) check_conv_layer(spec.conv[i], i);
  if (spec.input.size() == 2) {
    for (std::size_t i = 0; i < spec.conv.size(); ++i) check_along_time(spec.conv[i], i);
  }
  map_sizes(spec.input, spec.conv);
  if (!spec.decoder.empty()) {
    throw Error("spec: the decoder of a convolutional encoder mirrors it: leave out its widths");
  }
  const bool dense = spec.encoder.size() > 1;
  if (!dense && (spec.gaussian() || spec.classes > 0)) {
    throw Error(
        "spec: a Gaussian code, or a class-conditional one, needs a dense layer after the "
        "convolutions");
  }
  if (spec.upsampling != Upsampling::kNearest) return;
  if (spec.tied) {
    throw Error("spec: tied weights need transposed convolutions: the upsampling is nearest");
  }
  for (std::size_t i = 0; i < spec.conv.size(); ++i) {
    const Size2d& kernel = spec.conv[i].kernel;
    if (kernel.height % 2 == 1 && kernel.width % 2 == 1) continue;
    throw Error(fmt::format("spec: conv.{}: upsampling by nearest needs odd kernels: got {}", i,
                            to_text(kernel)));
  }
}

void check_architecture(const Spec& spec) {
  check_input(spec);
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

std::vector<std::string_view> likelihoods() {
  std::vector<std::string_view> names;
  for (const auto& [name, loss] : names_of(Loss()).names) {
    if (traits_of(loss).likelihood) names.push_back(name);
  }
  return names;
}

// What a part refuses is refused in the spec's name.
template <class F>
void in_spec(F&& checks) {
  try {
    checks();
  } catch (const Error& error) {
    throw Error(fmt::format("spec: {}", error.what()));
  }
}

void check_gaussian(const Spec& spec, const Gaussian& rule) {
  if (spec.code != nn::Activation::kIdentity) {
    throw Error(fmt::format(
        "spec: the mean of a Gaussian code is not bounded: the code activation is {}: expected "
        "identity",
        name_of(spec.code)));
  }
  if (rule.importance && !traits_of(spec.loss).likelihood) {
    throw Error(
        fmt::format("spec: importance weights need a likelihood: the loss is {}: expected {}",
                    name_of(spec.loss), either_of(likelihoods())));
  }
}

void check_loss(const Spec& spec) {
  const LossTraits& loss = traits_of(spec.loss);
  if (loss.mean && spec.output != nn::Activation::kIdentity) {
    throw Error(fmt::format(
        "spec: the loss {} takes logits or logarithms: the output activation is {}: expected "
        "identity",
        name_of(spec.loss), name_of(spec.output)));
  }
  if (loss.mean && spec.scale != Scale::kLog1p && spec.scale != Scale::kNone) {
    throw Error(
        fmt::format("spec: the loss {} takes counts: the scale is {}: expected log1p or none",
                    name_of(spec.loss), name_of(spec.scale)));
  }
  if (loss.dropout && !spec.conv.empty()) {
    throw Error(fmt::format(
        "spec: the loss {} needs a second head of the decoder, which convolutions do not have",
        name_of(spec.loss)));
  }
}

void check_mixed(const Spec& spec) {
  if (spec.categories.empty()) return;
  if (spec.input.size() > 1) {
    throw Error("spec: categories are columns of rows: the input is " + shape_text(spec.input));
  }
  in_spec([&] { check_categories(spec.categories, spec.input_width()); });
  if (traits_of(spec.loss).mean) {
    throw Error(fmt::format("spec: the loss {} takes counts alone: there are categories",
                            name_of(spec.loss)));
  }
  if (spec.binarize != Binarize::kNone) {
    throw Error(fmt::format("spec: binarize is of pixels: it is {} and there are categories",
                            name_of(spec.binarize)));
  }
}

void check_code_noise(const Spec& spec) {
  if (spec.code_noise == 0) return;
  if (spec.gaussian()) throw Error("spec: code_noise: a Gaussian code has noise of its own");
  if (spec.encoder.size() < 2) {
    throw Error("spec: code_noise: needs a dense code layer: encoder=" + text_of(spec.encoder));
  }
}

void check_rule(const Spec& spec) {
  in_spec([&] {
    std::visit(
        [&](const auto& rule) {
          check_all_limits(rule, rule.fields());
          rule.check(spec.code_width());
        },
        spec.rule);
  });
  if (spec.gaussian()) check_gaussian(spec, *spec.gaussian());
  if (spec.tied && spec.classes > 0) {
    throw Error("spec: tied weights and classes do not go together: the code has no room for them");
  }
}

void check_penalties(const Spec& spec) {
  for (std::size_t i = 0; i < spec.penalties.size(); ++i) {
    const Penalty& p = spec.penalties[i];
    check(p);
    for (std::size_t j = 0; j < i; ++j) {
      if (spec.penalties[j].kind != p.kind) continue;
      throw Error(fmt::format("spec: the penalty {} is given twice: {} and {}", p.kind->name,
                              to_text(spec.penalties[j]), to_text(p)));
    }
    if (p.kind->probabilities && spec.code != nn::Activation::kSigmoid) {
      throw Error(
          fmt::format("spec: the penalty {} needs code units between 0 and 1: the code activation "
                      "is {}: expected sigmoid",
                      p.kind->name, name_of(spec.code)));
    }
  }
}

}  // namespace

void check(const Spec& spec) {
  check_architecture(spec);
  in_spec([&] { check_all_limits(spec, spec_fields()); });
  check_loss(spec);
  check_mixed(spec);
  check_rule(spec);
  check_code_noise(spec);
  for (const Corruption& c : spec.corruption) check(c);
  check_penalties(spec);
}

}  // namespace hourglass::ae

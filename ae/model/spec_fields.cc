#include "ae/model/spec_fields.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using Integers = std::vector<std::int64_t>;

// The row of an option that stands for other fields, held as an M.
template <class M, class Get, class Set>
Field<Spec> option(std::string words, std::string help, Get get, Set set) {
  const std::string name = "--" + words.substr(0, words.find(','));
  return {.name = "",
          .option = std::move(words),
          .help = std::move(help),
          .get = [get](const Spec& s) { return FieldType<M>::value(get(s)); },
          .set =
              [name, set](Spec& s, const Value& value) {
                M read{};
                FieldType<M>::read(name, value, read);
                set(s, read);
              }};
}

std::string needs_convolutions(const Spec& spec) {
  return spec.conv.empty() ? "needs convolutions: add --conv 16,32" : "";
}

// Widths but for the ends.
Integers inner(const Integers& widths) {
  return widths.size() < 3 ? Integers{} : Integers(widths.begin() + 1, widths.end() - 1);
}

Integers between(std::int64_t first, const Integers& widths, std::int64_t last) {
  Integers all = {first};
  all.insert(all.end(), widths.begin(), widths.end());
  all.push_back(last);
  return all;
}

Integers channels_of(const Spec& spec) {
  Integers channels;
  for (const ConvLayer& layer : spec.conv) channels.push_back(layer.channels);
  return channels;
}

void set_channels(Spec& spec, const Integers& channels) {
  ConvLayer layer = spec.conv.empty() ? ConvLayer{.stride = 2} : spec.conv.front();
  if (spec.input.size() == 2) layer = along_time(layer);
  spec.conv.clear();
  for (std::int64_t count : channels) {
    layer.channels = count;
    spec.conv.push_back(layer);
  }
}

// --kernel, --conv-stride: one side of the convolutions' windows, the same in every layer: 5, or
// 5,3 down and across; over a series along time.
Integers size_of(const Spec& spec, Size2d ConvLayer::*member) {
  const ConvLayer first = spec.conv.empty() ? ConvLayer{} : spec.conv.front();
  const Size2d& size = first.*member;
  const bool one = size.height == size.width || spec.input.size() == 2;
  return one ? Integers{size.width} : Integers{size.height, size.width};
}

void set_size(Spec& spec, const std::string& option, Size2d ConvLayer::*member,
              const Integers& sides) {
  if (sides.empty() || sides.size() > 2) {
    throw Error(fmt::format("--{}: expected one number, or two, down and across: got {}", option,
                            sides.size()));
  }
  for (ConvLayer& layer : spec.conv) {
    layer.*member = {sides.front(), sides.back()};
    // Windows keep their middles where they were.
    if (member == &ConvLayer::kernel) layer.padding = {sides.front() / 2, sides.back() / 2};
    if (spec.input.size() == 2) layer = along_time(layer);
  }
}

Field<Spec> size_option(const std::string& name, std::string help, Size2d ConvLayer::*member) {
  Field<Spec> row = option<Integers>(
      name, std::move(help), [member](const Spec& s) { return size_of(s, member); },
      [name, member](Spec& s, const Integers& sides) { set_size(s, name, member, sides); });
  row.refusal = needs_convolutions;
  return row;
}

bool pools(const Spec& spec) {
  return std::any_of(spec.conv.begin(), spec.conv.end(),
                     [](const ConvLayer& layer) { return layer.pools(); });
}

void set_pooling(Spec& spec, bool pooling) {
  for (ConvLayer& layer : spec.conv) {
    if (pooling && layer.stride != Size2d(1)) std::swap(layer.stride, layer.pool);
  }
}

void set_code_width(Spec& spec, std::int64_t width) {
  if (spec.encoder.size() > 1) spec.encoder.pop_back();
  spec.encoder.push_back(width);
}

std::vector<Field<Spec>> architecture() {
  std::vector<Field<Spec>> rows = {
      field("input", "", "An example's shape: [D], [C, T] or [C, H, W]; none: a row", &Spec::input,
            at_least(1)),
      field("missing", "", "What becomes of missing values: " + enum_choices<Missing>(),
            &Spec::missing),
      field("categories", "", "Columns of words: the first one of each, and how many",
            &Spec::categories, at_least(0)),
      field("encoder", "", "Widths from the input to the code", &Spec::encoder),
      option<Integers>("conv",
                       "Convolutions with so many channels each: 16,32,8; 3 x 3 of stride 2 where "
                       "the model has none of its own",
                       channels_of, set_channels),
      size_option("kernel", "Of every convolution, in pixels or steps: 5, or 5,3 down and across",
                  &ConvLayer::kernel),
      size_option("conv-stride", "From window to window of every convolution, likewise",
                  &ConvLayer::stride),
      option<bool>("pool", "Convolutions of stride 1 with max-pooling in place of strides", pools,
                   set_pooling),
      field("upsampling", "upsampling",
            "What undoes strides: " + enum_choices<Upsampling>() +
                " (transposed convolutions, or pixels repeated)",
            &Spec::upsampling),
      option<Integers>(
          "hidden", "Widths between input and code: 1000,500,250; \"\" for none",
          [](const Spec& s) { return inner(s.encoder); },
          [](Spec& s, const Integers& widths) {
            s.encoder = between(s.input_width(), widths, s.code_width());
          }),
      option<std::int64_t>(
          "code,latent", "Width of the code, the latent space",
          [](const Spec& s) { return s.code_width(); }, set_code_width),
      field("decoder", "", "Widths from the code to the output", &Spec::decoder),
      option<Integers>(
          "decoder",
          "Widths between code and output, where the decoder is not to mirror the encoder: "
          "250,1000; \"\" for none",
          [](const Spec& s) { return inner(s.decoder_widths()); },
          [](Spec& s, const Integers& widths) {
            s.decoder = between(s.code_width(), widths, s.input_width());
          }),
      field("hidden", "activation", "Of the hidden layers: " + enum_choices<nn::Activation>(),
            &Spec::hidden),
      field("code", "code-activation", "Of the code layer, likewise", &Spec::code),
      field("tied", "tied", "The decoder uses the encoder's weights, transposed", &Spec::tied),
      field("init", "init",
            "First weights: " + enum_choices<nn::Init>() +
                "; torch is PyTorch's default; train also takes a run, whose weights they are then",
            &Spec::init),
  };
  for (Field<Spec>& row : rows) {
    if (row.option == "pool" || row.option == "upsampling") row.refusal = needs_convolutions;
    // The mirror image is written out for whoever reads the file.
    if (row.name == "decoder") row.get = [](const Spec& s) { return s.decoder_widths(); };
  }
  return rows;
}

// --top-k 10, --codebook 64,8, --gaussian: another rule, and the first of its numbers.
template <class R>
Field<Spec> rule_option() {
  const auto held = [](const Spec& s) {
    const R* rule = std::get_if<R>(&s.rule);
    return rule ? *rule : R{};
  };
  const std::size_t count = R::kName.numbers;
  const std::string name = fmt::format("--{}", R::kName.option);
  return {.name = "",
          .option = std::string(R::kName.option),
          .help = std::string(R::kName.help),
          .get = [held](const Spec& s) -> Value {
            if (count == 0) return std::holds_alternative<R>(s.rule);
            Integers numbers;
            for (std::size_t i = 0; i < count; ++i) {
              numbers.push_back(std::get<std::int64_t>(R::fields()[i].get(held(s))));
            }
            return count == 1 ? Value(numbers[0]) : Value(numbers);
          },
          .set =
              [held, name](Spec& s, const Value& value) {
                if (const bool* on = std::get_if<bool>(&value); on && !*on) return;
                R rule = held(s);
                if (!std::holds_alternative<R>(s.rule) && std::is_same_v<R, Gaussian>) {
                  s.code = nn::Activation::kIdentity;
                }
                const auto* list = std::get_if<Integers>(&value);
                if (list && list->size() != count) throw_wrong_size(name, count, value);
                for (std::size_t i = 0; i < count; ++i) {
                  R::fields()[i].set(rule, list ? Value((*list)[i]) : value);
                }
                s.rule = rule;
              }};
}

// A field of the rule R as an option of the spec.
template <class R>
Field<Spec> lifted(const Field<R>& f) {
  return {.name = "",
          .option = f.option,
          .help = fmt::format("{} ({} codes)", f.help, R::kName.name),
          .get =
              [f](const Spec& s) {
                const R* rule = std::get_if<R>(&s.rule);
                return f.get(rule ? *rule : R{});
              },
          .set = [f](Spec& s, const Value& value) { f.set(std::get<R>(s.rule), value); },
          .refusal =
              [](const Spec& s) {
                return std::holds_alternative<R>(s.rule)
                           ? std::string()
                           : fmt::format("needs a {} code: add --{}", R::kName.name,
                                         R::kName.option);
              }};
}

std::vector<Field<Spec>> code_rules() {
  std::vector<Field<Spec>> rows;
  for_each_rule([&]<class R>(const R&) {
    if (R::kName.option.empty()) return;
    rows.push_back(rule_option<R>());
  });
  for_each_rule([&]<class R>(const R&) {
    for (const Field<R>& f : R::fields()) {
      if (!f.option.empty()) rows.push_back(lifted(f));
    }
  });
  return rows;
}

std::string noise_help() {
  return "What the encoder sees, " + enum_choices<Noise>() + ", each as masking:0.25; may be " +
         "repeated";
}

std::vector<std::string> penalty_forms() {
  std::vector<std::string> forms;
  for (const PenaltyKind* kind : penalties::kAll) forms.push_back(kind->form());
  return forms;
}

std::string penalty_help() {
  std::string help = "A term of the loss, which may be repeated: ";
  for (const PenaltyKind* kind : penalties::kAll) {
    help += fmt::format("{}{} ({})", kind == penalties::kAll.front() ? "" : ", ", kind->form(),
                        kind->help);
  }
  return help;
}

// A penalty replaces one of its own kind; others stay.
void add_penalties(Spec& spec, const std::vector<Penalty>& added) {
  for (const Penalty& penalty : added) {
    const auto same = std::find_if(spec.penalties.begin(), spec.penalties.end(),
                                   [&](const Penalty& p) { return p.kind == penalty.kind; });
    if (same == spec.penalties.end()) {
      spec.penalties.push_back(penalty);
    } else {
      *same = penalty;
    }
  }
}

std::vector<Field<Spec>> losses_and_modifiers() {
  const std::vector<std::string> losses = loss_forms();
  return {
      field("loss", "", "The reconstruction error", &Spec::loss),
      field("loss_scale", "", "Of a loss that has one", &Spec::loss_scale, kPositive),
      with_choices(losses, option<std::string>(
                               "loss", either_of({losses.begin(), losses.end()}),
                               [](const Spec& s) { return loss_text(s.loss, s.loss_scale); },
                               [](Spec& s, const std::string& text) {
                                 loss_from_text(text, s.loss, s.loss_scale);
                                 if (!traits_of(s.loss).mean) return;
                                 s.output = nn::Activation::kIdentity;
                                 if (s.scale != Scale::kNone) s.scale = Scale::kLog1p;
                               })),
      // Behind the loss, which brings its own.
      field("output", "output-activation",
            "Activation of the output: " + enum_choices<nn::Activation>(), &Spec::output),
      field("scale", "scale",
            "What becomes of stored numbers: " + enum_choices<Scale>() +
                " (by column, but for pixels, log1p and rms)",
            &Spec::scale),
      with_choices(corruption_forms(),
                   field("corruption", "corruption", noise_help(), &Spec::corruption)),
      field("code_noise", "code-noise",
            "Deviation of normal noise ahead of the code's activation, while training",
            &Spec::code_noise, at_least(0)),
      field("penalties", "", "Terms beside the reconstruction error", &Spec::penalties),
      with_choices(penalty_forms(), option<std::vector<Penalty>>(
                                        "penalty", penalty_help(),
                                        [](const Spec& s) { return s.penalties; }, add_penalties)),
      field("classes", "classes", "Encoder and decoder are given the label, one of so many",
            &Spec::classes, at_least(0)),
      field("discriminator", "discriminator",
            "Hidden widths of a discriminator of codes, which the encoder deceives: 256",
            &Spec::discriminator, at_least(1)),
      field("adversarial", "adversarial", "Weight of the term by which the encoder deceives it",
            &Spec::adversarial, kPositive),
      field("binarize", "binarize",
            "Learn from black and white: " + enum_choices<Binarize>() +
                " (1 above 1/2; drawn at each step; drawn once from the seed)",
            &Spec::binarize),
  };
}

}  // namespace

const std::vector<Field<Spec>>& spec_fields() {
  static const std::vector<Field<Spec>> fields = [] {
    std::vector<Field<Spec>> all;
    const auto add = [&](const char* group, std::vector<Field<Spec>> rows) {
      for (Field<Spec>& row : rows) {
        row.group = group;
        all.push_back(std::move(row));
      }
    };
    add("Model", architecture());
    add("Code", code_rules());
    add(kLossGroup, losses_and_modifiers());
    return all;
  }();
  return fields;
}

const std::vector<Field<ConvLayer>>& conv_layer_fields() {
  static const std::vector<Field<ConvLayer>> fields = {
      field("channels", "", "Maps it makes", &ConvLayer::channels, at_least(1)),
      field("kernel", "", "Its sides, in pixels or steps", &ConvLayer::kernel, at_least(1)),
      field("stride", "", "From window to window", &ConvLayer::stride, at_least(1)),
      field("padding", "", "Zeros a side", &ConvLayer::padding, at_least(0)),
      field("pool", "", "Of the max-pooling behind it", &ConvLayer::pool, at_least(1))};
  return fields;
}

std::vector<std::string> rule_options() {
  std::vector<std::string> options;
  for_each_rule([&](const auto& rule) {
    if (!rule.kName.option.empty()) options.emplace_back(rule.kName.option);
  });
  return options;
}

std::vector<std::pair<std::string, std::string>> described(const Spec& spec) {
  std::vector<std::pair<std::string, std::string>> lines;
  if (!std::holds_alternative<Deterministic>(spec.rule)) {
    std::string text(name_of(spec.rule).name);
    std::visit(
        [&](const auto& rule) {
          for (const auto& f : rule.fields()) {
            text += fmt::format(", {} {}", f.name, hourglass::to_text(f.get(rule)));
          }
        },
        spec.rule);
    lines.emplace_back("code rule", text);
  }
  const Spec plain{.encoder = spec.encoder, .input = spec.input};
  for (const Field<Spec>& f : spec_fields()) {
    if (f.name.empty() || f.name == "decoder" || f.get(spec) == f.get(plain)) continue;
    lines.emplace_back(f.name, hourglass::to_text(f.get(spec)));
  }
  return lines;
}

}  // namespace hourglass::ae

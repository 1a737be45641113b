#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "ae/model/spec.h"
#include "ae/model/spec_fields.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"

namespace hourglass::ae {

using namespace internal;

namespace {

CodeRule rule_from_json(const Json& j) {
  if (!j.is_object() || !j.contains("kind")) throw Error("rule: expected an object with its kind");
  CodeRule rule = rule_named(member<std::string>(j, "kind", ""));
  std::visit([&](auto& r) { read_fields(j, r.fields(), {"kind"}, r); }, rule);
  return rule;
}

// Before there were inputs of other shapes every spec had an image, dense ones in vain.
std::vector<std::int64_t> input_from_image(const Json& j, const Spec& spec) {
  std::vector<std::int64_t> image;
  FieldType<std::vector<std::int64_t>>::read("image", value_of("image", j), image);
  const bool in_vain = spec.conv.empty() && image == std::vector<std::int64_t>{1, 28, 28} &&
                       (spec.encoder.empty() || spec.encoder.front() != 28 * 28);
  return in_vain ? std::vector<std::int64_t>{} : image;
}

Spec read_spec(const Json& j) {
  Spec spec;
  if (!j.is_object() || !j.contains("encoder")) throw Error("expected an object with an encoder");
  read_fields(j, spec_fields(), {"conv", "rule", "image"}, spec);
  if (j.contains("conv")) {
    if (!j["conv"].is_array()) throw Error("conv: expected a list of layers");
    for (const Json& layer : j["conv"]) {
      read_fields(layer, conv_layer_fields(), {}, spec.conv.emplace_back());
    }
  }
  if (j.contains("image")) spec.input = input_from_image(j["image"], spec);
  if (j.contains("rule")) spec.rule = rule_from_json(j["rule"]);
  return spec;
}

}  // namespace

std::string to_json(const Spec& spec) {
  Json j = fields_json(spec, spec_fields());
  j["conv"] = Json::array();
  for (const ConvLayer& layer : spec.conv) {
    j["conv"].push_back(fields_json(layer, conv_layer_fields()));
  }
  j["rule"] = {{"kind", name_of(spec.rule).name}};
  std::visit([&](const auto& rule) { j["rule"].update(fields_json(rule, rule.fields())); },
             spec.rule);
  return json_text(j);
}

Spec spec_from_json(const std::string& text) {
  Spec spec = reading("spec", [&] { return read_spec(parse_json(text)); });
  const std::vector<std::int64_t> decoder = std::exchange(spec.decoder, {});
  check(spec);  // ahead of decoder_widths(), which divides by strides
  // The mirror image is written out for whoever reads the file, and is the default again here.
  if (decoder.empty() || decoder == spec.decoder_widths()) return spec;
  spec.decoder = decoder;
  check(spec);
  return spec;
}

}  // namespace hourglass::ae

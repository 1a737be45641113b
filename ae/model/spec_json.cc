#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "ae/model/spec.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using Json = nlohmann::ordered_json;
using Widths = std::vector<std::int64_t>;

// Only what the kind of rule reads.
Json rule_to_json(const CodeRule& rule) {
  Json j;
  j["kind"] = name_of(rule.kind);
  if (rule.kind == Rule::kTopK) j["active"] = rule.active;
  if (rule.kind == Rule::kGaussian) {
    j["beta"] = rule.beta;
    j["warm_up"] = rule.warm_up;
    j["free_bits"] = rule.free_bits;
    j["samples"] = rule.samples;
    j["importance"] = rule.importance;
  }
  if (rule.kind == Rule::kQuantised) {
    j["entries"] = rule.entries;
    j["entry_width"] = rule.entry_width;
    j["commitment"] = rule.commitment;
  }
  return j;
}

CodeRule rule_from_json(const Json& j) {
  CodeRule rule;
  rule.kind = rule_named(j.at("kind").get<std::string>());
  rule.active = j.value("active", rule.active);
  rule.beta = j.value("beta", rule.beta);
  rule.warm_up = j.value("warm_up", rule.warm_up);
  rule.free_bits = j.value("free_bits", rule.free_bits);
  rule.samples = j.value("samples", rule.samples);
  rule.importance = j.value("importance", rule.importance);
  rule.entries = j.value("entries", rule.entries);
  rule.entry_width = j.value("entry_width", rule.entry_width);
  rule.commitment = j.value("commitment", rule.commitment);
  return rule;
}

void read_modifiers(const Json& j, Spec& spec) {
  for (const Json& layer : j.value("conv", Json::array())) {
    spec.conv.push_back({.channels = layer.at("channels"),
                         .kernel = layer.at("kernel"),
                         .stride = layer.at("stride"),
                         .padding = layer.at("padding"),
                         .pool = layer.at("pool")});
  }
  spec.image = j.value("image", spec.image);
  spec.upsampling = upsampling_named(j.value("upsampling", std::string("transposed")));
  spec.loss_scale = j.value("loss_scale", spec.loss_scale);
  if (j.contains("rule")) spec.rule = rule_from_json(j["rule"]);
  for (const std::string& text : j.value("corruption", std::vector<std::string>())) {
    spec.corruption.push_back(corruption_from_text(text));
  }
  for (const std::string& text : j.value("penalties", std::vector<std::string>())) {
    spec.penalties.push_back(penalty_from_text(text));
  }
  spec.classes = j.value("classes", spec.classes);
  spec.discriminator = j.value("discriminator", spec.discriminator);
  spec.adversarial = j.value("adversarial", spec.adversarial);
  spec.binarize = binarize_named(j.value("binarize", std::string("none")));
}

template <class T>
Json texts_of(const std::vector<T>& modifiers) {
  Json list = Json::array();
  for (const T& m : modifiers) list.push_back(to_text(m));
  return list;
}

}  // namespace

std::string to_json(const Spec& spec) {
  Json j;
  j["encoder"] = spec.encoder;
  j["decoder"] = spec.decoder_widths();
  j["conv"] = Json::array();
  for (const ConvLayer& c : spec.conv) {
    j["conv"].push_back({{"channels", c.channels},
                         {"kernel", c.kernel},
                         {"stride", c.stride},
                         {"padding", c.padding},
                         {"pool", c.pool}});
  }
  j["image"] = spec.image;
  j["upsampling"] = name_of(spec.upsampling);
  j["hidden"] = nn::name_of(spec.hidden);
  j["code"] = nn::name_of(spec.code);
  j["output"] = nn::name_of(spec.output);
  j["loss"] = name_of(spec.loss);
  j["loss_scale"] = spec.loss_scale;
  j["tied"] = spec.tied;
  j["init"] = name_of(spec.init);
  j["rule"] = rule_to_json(spec.rule);
  j["corruption"] = texts_of(spec.corruption);
  j["penalties"] = texts_of(spec.penalties);
  j["classes"] = spec.classes;
  j["discriminator"] = spec.discriminator;
  j["adversarial"] = spec.adversarial;
  j["binarize"] = name_of(spec.binarize);
  return j.dump();
}

Spec spec_from_json(const std::string& text) {
  try {
    const Json j = Json::parse(text);
    Spec spec;
    spec.encoder = j.at("encoder").get<Widths>();
    spec.hidden = nn::activation_named(j.at("hidden").get<std::string>());
    spec.code = nn::activation_named(j.at("code").get<std::string>());
    spec.output = nn::activation_named(j.at("output").get<std::string>());
    spec.loss = loss_named(j.at("loss").get<std::string>());
    spec.tied = j.at("tied").get<bool>();
    spec.init = init_named(j.at("init").get<std::string>());
    read_modifiers(j, spec);
    check(spec);  // ahead of decoder_widths(), which divides by strides
    // The mirror image is written out for whoever reads the file, and is the default again here.
    const Widths decoder = j.at("decoder").get<Widths>();
    if (decoder != spec.decoder_widths()) spec.decoder = decoder;
    check(spec);
    return spec;
  } catch (const nlohmann::json::exception& e) {
    const std::string what = e.what();  // "[json.exception.NAME.NUMBER] what"
    throw Error(fmt::format("spec: {}", what.substr(what.find(']') + 2)));
  }
}

}  // namespace hourglass::ae

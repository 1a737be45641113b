#include "ae/spec.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using Widths = std::vector<std::int64_t>;

template <class T, std::size_t n>
using Names = std::array<std::pair<std::string_view, T>, n>;

constexpr Names<Loss, 2> kLosses = {{{"mse", Loss::kMse}, {"bce", Loss::kBce}}};
constexpr Names<nn::Init, 5> kInits = {{{"torch", nn::Init::kTorch},
                                        {"xavier-uniform", nn::Init::kXavierUniform},
                                        {"xavier-normal", nn::Init::kXavierNormal},
                                        {"kaiming-uniform", nn::Init::kKaimingUniform},
                                        {"kaiming-normal", nn::Init::kKaimingNormal}}};

template <class T, std::size_t n>
T find(const Names<T, n>& names, std::string_view name, const char* what) {
  std::string known;
  for (const auto& [key, value] : names) {
    if (key == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(key);
  }
  throw Error(fmt::format("{}: there is none named {}: expected one of {}", what, name, known));
}

template <class T, std::size_t n>
std::string_view name_in(const Names<T, n>& names, T value) {
  return std::find_if(names.begin(), names.end(), [&](const auto& e) { return e.second == value; })
      ->first;
}

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

}  // namespace

Widths Spec::decoder_widths() const {
  return decoder.empty() ? Widths(encoder.rbegin(), encoder.rend()) : decoder;
}

void check(const Spec& spec) {
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

std::string_view name_of(Loss loss) { return name_in(kLosses, loss); }
Loss loss_named(std::string_view name) { return find(kLosses, name, "loss"); }
std::string_view name_of(nn::Init init) { return name_in(kInits, init); }
nn::Init init_named(std::string_view name) { return find(kInits, name, "init"); }

std::string to_json(const Spec& spec) {
  nlohmann::ordered_json j;
  j["encoder"] = spec.encoder;
  j["decoder"] = spec.decoder_widths();
  j["hidden"] = nn::name_of(spec.hidden);
  j["code"] = nn::name_of(spec.code);
  j["output"] = nn::name_of(spec.output);
  j["loss"] = name_of(spec.loss);
  j["tied"] = spec.tied;
  j["init"] = name_of(spec.init);
  return j.dump();
}

Spec spec_from_json(const std::string& text) {
  try {
    const auto j = nlohmann::json::parse(text);
    Spec spec;
    spec.encoder = j.at("encoder").get<Widths>();
    spec.decoder = j.at("decoder").get<Widths>();
    spec.hidden = nn::activation_named(j.at("hidden").get<std::string>());
    spec.code = nn::activation_named(j.at("code").get<std::string>());
    spec.output = nn::activation_named(j.at("output").get<std::string>());
    spec.loss = loss_named(j.at("loss").get<std::string>());
    spec.tied = j.at("tied").get<bool>();
    spec.init = init_named(j.at("init").get<std::string>());
    check(spec);
    return spec;
  } catch (const nlohmann::json::exception& e) {
    throw Error(fmt::format("spec: {}", e.what()));
  }
}

}  // namespace hourglass::ae

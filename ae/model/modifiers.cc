#include "ae/model/modifiers.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "ae/model/names.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr Names<Noise, 4> kNoises = {{{"gaussian", Noise::kGaussian},
                                      {"masking", Noise::kMasking},
                                      {"salt-and-pepper", Noise::kSaltAndPepper},
                                      {"cauchy", Noise::kCauchy}}};
constexpr Names<PenaltyKind, 6> kPenalties = {{{"l1", PenaltyKind::kL1},
                                               {"kl", PenaltyKind::kKl},
                                               {"contractive", PenaltyKind::kContractive},
                                               {"hutchinson", PenaltyKind::kHutchinson},
                                               {"caeh", PenaltyKind::kCaeh},
                                               {"mmd", PenaltyKind::kMmd}}};

bool positive(double x) { return x > 0 && std::isfinite(x); }

// How a penalty is written, with its numbers' names.
std::string form_of(PenaltyKind kind) {
  const std::string name(name_of(kind));
  if (kind == PenaltyKind::kKl) return name + ":RHO,WEIGHT";
  if (kind == PenaltyKind::kCaeh) return name + ":WEIGHT,SIGMA";
  return name + ":WEIGHT";
}

}  // namespace

std::string_view name_of(Noise noise) { return name_in(kNoises, noise); }
std::string_view name_of(PenaltyKind kind) { return name_in(kPenalties, kind); }

NamedNumbers parse_named_numbers(const char* what, const std::string& text) {
  const std::size_t colon = text.find(':');
  NamedNumbers result{.name = text.substr(0, colon), .numbers = {}};
  if (colon == std::string::npos) return result;
  const char* at = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  for (;;) {
    double number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || (next != end && *next != ',')) {
      throw Error(fmt::format("{}: {}: expected a number at {}", what, text,
                              at == end ? "its end" : std::string(at, end)));
    }
    result.numbers.push_back(number);
    if (next == end) return result;
    at = next + 1;
  }
}

std::string to_text(const Corruption& corruption) {
  return fmt::format("{}:{}", name_of(corruption.noise), corruption.level);
}

Corruption corruption_from_text(const std::string& text) {
  const auto [name, numbers] = parse_named_numbers("corruption", text);
  const Noise noise = find_named(kNoises, name, "corruption");
  if (numbers.size() != 1) {
    throw Error(fmt::format("corruption: expected {}:LEVEL: got {}", name, text));
  }
  const Corruption result{noise, numbers[0]};
  check(result);
  return result;
}

std::string to_text(const Penalty& p) {
  if (p.kind == PenaltyKind::kKl) return fmt::format("kl:{},{}", p.parameter, p.weight);
  if (p.kind == PenaltyKind::kCaeh) return fmt::format("caeh:{},{}", p.weight, p.parameter);
  return fmt::format("{}:{}", name_of(p.kind), p.weight);
}

Penalty penalty_from_text(const std::string& text) {
  const auto [name, numbers] = parse_named_numbers("penalty", text);
  Penalty result{.kind = find_named(kPenalties, name, "penalty")};
  const bool two = result.kind == PenaltyKind::kKl || result.kind == PenaltyKind::kCaeh;
  if (numbers.size() != (two ? 2 : 1)) {
    throw Error(fmt::format("penalty: expected {}: got {}", form_of(result.kind), text));
  }
  result.weight = result.kind == PenaltyKind::kKl ? numbers[1] : numbers[0];
  if (two) result.parameter = result.kind == PenaltyKind::kKl ? numbers[0] : numbers[1];
  check(result);
  return result;
}

void check(const Corruption& c) {
  const bool rate = c.noise == Noise::kMasking || c.noise == Noise::kSaltAndPepper;
  if (rate && !(c.level > 0 && c.level < 1)) {
    throw Error(fmt::format("corruption: {}: the rate must be between 0 and 1: got {}",
                            name_of(c.noise), c.level));
  }
  if (!positive(c.level)) {
    throw Error(fmt::format("corruption: {}: the level must be a positive number: got {}",
                            name_of(c.noise), c.level));
  }
}

void check(const Penalty& p) {
  if (!positive(p.weight)) {
    throw Error(fmt::format("penalty: {}: the weight must be a positive number: got {}",
                            name_of(p.kind), p.weight));
  }
  if (p.kind == PenaltyKind::kKl && !(p.parameter > 0 && p.parameter < 1)) {
    throw Error(fmt::format("penalty: kl: rho must be between 0 and 1: got {}", p.parameter));
  }
  if (p.kind == PenaltyKind::kCaeh && !positive(p.parameter)) {
    throw Error(fmt::format("penalty: caeh: sigma must be a positive number: got {}", p.parameter));
  }
}

}  // namespace hourglass::ae

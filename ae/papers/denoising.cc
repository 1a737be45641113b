// Vincent, Larochelle, Lajoie, Bengio and Manzagol, "Stacked denoising autoencoders", 2010: the
// encoder sees a corrupted image, the loss compares with the clean one.

#include "ae/papers/denoising.h"

#include <fmt/core.h>

#include <array>
#include <numbers>

#include "ae/papers/named_numbers.h"
#include "ae/papers/streams.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/fields.h"

namespace hourglass::ae {

using namespace internal;

namespace {

struct Draw {
  Var x;
  double level;
  RandomKey key;
  const Stream& stream;

  Stream second() const { return {stream.name() + ".2", stream.number() + 1}; }
};

Var add_gaussian(const Draw& d) {
  return d.x + d.level * random_normal(d.key, d.stream, d.x.shape(), d.x.dtype());
}

Var mask(const Draw& d) {
  return gate(d.x, random_bernoulli(d.key, d.stream, d.x.shape(), 1 - d.level, d.x.dtype()));
}

Var salt_and_pepper(const Draw& d) {
  const Var hit = random_bernoulli(d.key, d.stream, d.x.shape(), d.level, d.x.dtype());
  const Var salt = random_bernoulli(d.key, d.second(), d.x.shape(), 0.5, d.x.dtype());
  return where(hit, salt, d.x);
}

// tan(pi (u - 1/2)) has the Cauchy distribution.
Var add_cauchy(const Draw& d) {
  const Var angle =
      std::numbers::pi * (random_uniform(d.key, d.stream, d.x.shape(), d.x.dtype()) - 0.5);
  return clip(d.x + d.level * (sin(angle) / cos(angle)), 0, 1);
}

struct NoiseRow {
  Noise noise;
  std::string_view name;
  std::string_view level;  // what its number is called
  Limits limits;
  Var (*draw)(const Draw&);
};

constexpr std::array<NoiseRow, 4> kNoiseRows = {{
    {Noise::kGaussian, "gaussian", "level", kPositive, add_gaussian},
    {Noise::kMasking, "masking", "rate", kBetween0And1, mask},
    {Noise::kSaltAndPepper, "salt-and-pepper", "rate", kBetween0And1, salt_and_pepper},
    {Noise::kCauchy, "cauchy", "level", kPositive, add_cauchy},
}};

const NoiseRow& row_of(Noise noise) { return kNoiseRows[static_cast<std::size_t>(noise)]; }

}  // namespace

const EnumNames<Noise>& names_of(Noise) {
  static const EnumNames<Noise> names = [] {
    EnumNames<Noise> all{"corruption", {}};
    for (const NoiseRow& row : kNoiseRows) all.names.emplace_back(row.name, row.noise);
    return all;
  }();
  return names;
}

std::string to_text(const Corruption& c) { return named_numbers_text(name_of(c.noise), {c.level}); }

std::vector<std::string> corruption_forms() {
  std::vector<std::string> forms;
  for (const NoiseRow& row : kNoiseRows) forms.push_back(fmt::format("{}:LEVEL", row.name));
  return forms;
}

Corruption Corruption::from_text(const std::string& text) {
  const auto [name, numbers] = parse_named_numbers("corruption", text);
  const Noise noise = enum_named<Noise>(name);
  if (numbers.size() != 1) {
    throw Error(fmt::format("corruption: expected {}:LEVEL: got {}", name, text));
  }
  const Corruption result{noise, numbers[0]};
  check(result);
  return result;
}

void check(const Corruption& c) {
  const NoiseRow& row = row_of(c.noise);
  check_limits(fmt::format("corruption: {}: the {}", row.name, row.level), row.limits, c.level);
}

Var corrupt(const Var& x, const Corruption& corruption, const RandomKey& key,
            const Stream& stream) {
  check(corruption);
  return row_of(corruption.noise).draw({x, corruption.level, key, stream});
}

Var corrupt(const Var& x, const std::vector<Corruption>& corruptions, Step& step) {
  if (!step.training) return x;
  Var noisy = x;
  for (std::uint32_t i = 0; i < corruptions.size(); ++i) {
    noisy = corrupt(noisy, corruptions[i], step.key, step.stream(streams::corruption(i)));
  }
  return noisy;
}

}  // namespace hourglass::ae

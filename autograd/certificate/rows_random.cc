#include <array>
#include <cmath>
#include <numbers>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"

namespace hourglass::check {
namespace {

constexpr std::uint32_t kStream = 7;

// The two words of a key and a step, as a row's arguments are sampled.
struct Key {
  std::array<std::uint32_t, 2> words;
  std::uint32_t step;
};
std::uint32_t word_of(double x) { return static_cast<std::uint32_t>(static_cast<std::int32_t>(x)); }

// Philox4x32-10 as in Salmon et al., 2011, section 3 and table 2's constants.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

double uniform_of(const Key& key, std::int64_t i) {
  const auto block = philox({static_cast<std::uint32_t>(i / 4), 0, key.step, kStream}, key.words);
  return ((block[static_cast<std::size_t>(i % 4)] >> 9) + 0.5) * 0x1p-23;
}

// Box-Muller on words (0, 1) and (2, 3): cosine first, then sine.
double normal_of(const Key& key, std::int64_t i) {
  const std::int64_t first = i / 2 * 2;
  const double radius = std::sqrt(-2 * std::log(uniform_of(key, first)));
  const double angle = 2 * std::numbers::pi * uniform_of(key, first + 1);
  return radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

using Draw = Var (*)(const RandomKey&, const Stream&, const Shape&, DType);

Row draw_row(const char* name, Draw draw, double (*element)(const Key&, std::int64_t)) {
  const Shape shape{3, 7};
  // The key's words and the step as arguments, so that they can be batched.
  const double large = 1 << 30;
  return {.name = name,
          .cases = {{.arguments = {{.shape = {2}, .low = -large, .high = large, .indices = true},
                                   {.shape = {}, .low = 0, .high = large, .indices = true}},
                     .build =
                         [=](const Vars& x) {
                           return draw({x[0], x[1]}, {"numbered", kStream}, shape, DType::kF64);
                         },
                     .reference =
                         [=](const Arrays& x) {
                           const Key key{{word_of(x[0].values[0]), word_of(x[0].values[1])},
                                         word_of(x[1].values[0])};
                           return tabulate(shape, [&](const Index& i) {
                             return element(key, i[0] * 7 + i[1]);
                           });
                         }}}};
}

}  // namespace

void add_random_rows(Rows& rows) {
  rows.push_back(draw_row(
      "random_uniform",
      [](const RandomKey& k, const Stream& stream, const Shape& shape, DType dtype) {
        return random_uniform(k, stream, shape, dtype);
      },
      uniform_of));
  rows.push_back(draw_row("random_normal", random_normal, normal_of));
  rows.back().exceptions = {{Column::kValue, 2e-6, "an f64 graph draws the f32 numbers, widened"}};
}

}  // namespace hourglass::check

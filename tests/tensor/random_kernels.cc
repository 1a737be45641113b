#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <tuple>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/kernels/random/random.h"
#include "tensor/parallel.h"
#include "tests/tensor/targets.h"

namespace kernels = hourglass::kernels;
using hourglass::DType;
using kernels::RandomStream;

namespace {

using PhiloxBlock = std::array<std::uint32_t, 4>;

// Philox4x32-10 as the paper writes it, one block at a time.
PhiloxBlock philox_by_paper(const RandomStream& random, std::uint64_t block) {
  PhiloxBlock x = {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                   random.step, random.stream};
  std::uint32_t key0 = random.key_low, key1 = random.key_high;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * x[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * x[2];
    x = {static_cast<std::uint32_t>(p1 >> 32) ^ x[1] ^ key0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ x[3] ^ key1, static_cast<std::uint32_t>(p0)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return x;
}

std::uint32_t word_by_paper(const RandomStream& random, std::int64_t i) {
  return philox_by_paper(random,
                         static_cast<std::uint64_t>(i / 4))[static_cast<std::size_t>(i % 4)];
}

double uniform_by_definition(std::uint32_t word) { return ((word >> 9) + 0.5) * 0x1p-23; }

// Box-Muller in f64 on the two words of element i's pair.
double normal_by_definition(const RandomStream& random, std::int64_t i) {
  const std::int64_t even = i - i % 2;
  const double u1 = uniform_by_definition(word_by_paper(random, even));
  const double u2 = uniform_by_definition(word_by_paper(random, even + 1));
  const double angle = 2 * std::numbers::pi * u2;
  return std::sqrt(-2 * std::log(u1)) * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

std::vector<float> normals(const RandomStream& random, std::int64_t n) {
  std::vector<float> y(static_cast<std::size_t>(n));
  kernels::random_normal(DType::kF32, random, 0, y.data(), n);
  return y;
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// The largest distance between the distribution of the numbers and `cdf`, times sqrt(n): above
// 1.95 in one draw of a thousand (Kolmogorov-Smirnov).
template <class Cdf>
double ks_statistic(std::vector<float> x, Cdf&& cdf) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = cdf(x[i]);
    const double before = static_cast<double>(i) / n;
    worst = std::max({worst, p - before, before + 1 / n - p});
  }
  return worst * std::sqrt(n);
}

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum / static_cast<double>(a.size());
}

constexpr RandomStream kRandom{
    .key_low = 0x243F6A88, .key_high = 0x85A308D3, .step = 7, .stream = 0x13198A2E};

constexpr double kNormalError = 2.2 * 0x1p-23;  // relative, as kernels.h states

}  // namespace

TEST_CASE("Philox4x32-10 gives the known answers of the Random123 distribution") {
  // The three philox4x32 10 lines of its kat_vectors file: counter, key, answer.
  struct Row {
    PhiloxBlock counter;
    std::uint32_t key_low, key_high;
    PhiloxBlock answer;
  };
  const Row rows[] = {
      {{0, 0, 0, 0}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       0xffffffff,
       0xffffffff,
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       0xa4093822,
       0x299f31d0,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const Row& row : rows) {
    const RandomStream random{row.key_low, row.key_high, row.counter[2], row.counter[3]};
    const std::uint64_t block = row.counter[0] | std::uint64_t{row.counter[1]} << 32;
    CHECK(philox_by_paper(random, block) == row.answer);
    on_every_target([&](auto) {
      PhiloxBlock y{};
      kernels::internal::philox_blocks(random, block, y.data(), 1);
      CHECK(y == row.answer);
    });
  }
}

TEST_CASE("words are element i of the stream for any first element and length") {
  constexpr std::uint32_t kGuard = 0xDEADBEEF;
  constexpr std::int64_t kCarry = std::int64_t{4} << 32;  // where the block number passes 2^32
  for (const std::int64_t base : {std::int64_t{0}, kCarry - 40, std::int64_t{1} << 60}) {
    for (std::int64_t first = base; first < base + 9; ++first) {
      for (std::int64_t n = 0; n <= 67; ++n) {
        std::vector<std::uint32_t> y(static_cast<std::size_t>(n) + 2, kGuard);
        std::vector<std::uint32_t> expected = y;
        for (std::int64_t i = 0; i < n; ++i) {
          expected[static_cast<std::size_t>(i) + 1] = word_by_paper(kRandom, first + i);
        }
        on_every_target([&](auto) {
          std::fill(y.begin(), y.end(), kGuard);
          kernels::philox_words(kRandom, first, y.data() + 1, n);
          REQUIRE(y == expected);
        });
      }
    }
  }
}

TEST_CASE("uniform numbers are ((word >> 9) + 0.5) / 2^23 exactly, in f32 and f64") {
  for (const std::int64_t first : {0, 3}) {
    for (const std::int64_t n : {0, 1, 5, 33, 3001}) {
      std::vector<double> exact(static_cast<std::size_t>(n) + 1, -1.0);
      for (std::int64_t i = 0; i < n; ++i) {
        exact[static_cast<std::size_t>(i)] =
            uniform_by_definition(word_by_paper(kRandom, first + i));
      }
      on_every_target([&](auto) {
        std::vector<float> y(exact.size(), -1.0f);
        std::vector<double> wide(exact.size(), -1.0);
        kernels::random_uniform(DType::kF32, kRandom, first, y.data(), n);
        kernels::random_uniform(DType::kF64, kRandom, first, wide.data(), n);
        CHECK(std::equal(y.begin(), y.end(), exact.begin()));
        CHECK(wide == exact);
      });
    }
  }
}

TEST_CASE("normal numbers are those of Box-Muller, relative error below 2.2 ULP, f64 widens f32") {
  constexpr std::int64_t n = 100000;
  std::vector<double> exact(n);
  for (std::int64_t i = 0; i < n; ++i) {
    exact[static_cast<std::size_t>(i)] = normal_by_definition(kRandom, i);
  }
  on_every_target([&](auto) {
    const auto y = normals(kRandom, n);
    double worst = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      worst = std::max(worst, std::abs(y[i] - exact[i]) / std::abs(exact[i]));
    }
    CHECK(worst < kNormalError);

    std::vector<double> wide(n);
    kernels::random_normal(DType::kF64, kRandom, 0, wide.data(), n);
    CHECK(std::equal(y.begin(), y.end(), wide.begin()));
  });
}

TEST_CASE("targets with FMA draw the same bits") {
  std::vector<float> first;
  on_every_target([&](std::string_view target) {
    const auto y = normals(kRandom, 100003);
    if (first.empty()) first = y;
    if (target != "baseline") CHECK(y == first);
  });
}

TEST_CASE("any part of a normal draw holds the numbers of the whole") {
  on_every_target([](auto) {
    const auto whole = normals(kRandom, 200);
    for (std::int64_t first = 0; first < 9; ++first) {
      for (const std::int64_t n : {0, 1, 2, 31, 32, 33, 64, 150}) {
        std::vector<float> part(static_cast<std::size_t>(n) + 1, 9.0f);
        kernels::random_normal(DType::kF32, kRandom, first, part.data(), n);
        CHECK(std::equal(part.begin(), part.end() - 1, whole.begin() + first));
        CHECK(part.back() == 9);
      }
    }
  });
}

TEST_CASE("the number of threads does not change a draw") {
  constexpr std::int64_t n = 100003;
  const auto draw = [&](int threads) {
    const hourglass::ThreadScope scope(threads);
    std::vector<std::uint32_t> words(n);
    kernels::philox_words(kRandom, 1, words.data(), n);
    std::vector<float> uniform(n), normal = normals(kRandom, n);
    kernels::random_uniform(DType::kF32, kRandom, 2, uniform.data(), n);
    return std::tuple{words, uniform, normal};
  };
  CHECK(draw(1) == draw(2));
}

TEST_CASE("normal numbers keep their accuracy where the logarithm, the sine or the cosine ends") {
  // Pairs of the stream found by search: the smallest and the largest u1, and the steps of u2
  // beside each quarter turn, where sine or cosine is 1.9e-7.
  struct Row {
    std::int64_t element;
    std::int64_t integer1, integer2;  // of the two words, shifted; -1: any
  };
  const Row rows[] = {{80243612, 0, -1},        {215964, (1 << 23) - 1, -1},
                      {5068410, -1, 0},         {10599460, -1, 0x1fffff},
                      {12945920, -1, 0x200000}, {9533858, -1, 0x3fffff},
                      {1946186, -1, 0x400000},  {12649392, -1, 0x600000}};
  for (const Row& row : rows) {
    CAPTURE(row.element);
    std::uint32_t words[2];
    kernels::philox_words(kRandom, row.element, words, 2);
    const std::int64_t integer1 = words[0] >> 9, integer2 = words[1] >> 9;
    if (row.integer1 >= 0) REQUIRE(integer1 == row.integer1);
    if (row.integer2 >= 0) REQUIRE(integer2 == row.integer2);
    on_every_target([&](auto) {
      float y[2];
      kernels::random_normal(DType::kF32, kRandom, row.element, y, 2);
      for (std::int64_t j = 0; j < 2; ++j) {
        const double exact = normal_by_definition(kRandom, row.element + j);
        CHECK(std::abs(y[j] - exact) < kNormalError * std::abs(exact));
      }
    });
  }
}

TEST_CASE("normal draws have the moments and the distribution of the normal law") {
  constexpr std::int64_t n = 1 << 20;
  const auto y = normals(kRandom, n);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const double v : y) {
    m1 += v;
    m2 += v * v;
    m3 += v * v * v;
    m4 += v * v * v * v;
  }
  // Within four standard errors; the variances of v, v^2, v^3, v^4 are 1, 2, 15, 96.
  const double error = 4 / std::sqrt(double{n});
  CHECK(std::abs(m1 / n) < error);
  CHECK(std::abs(m2 / n - 1) < error * std::sqrt(2));
  CHECK(std::abs(m3 / n) < error * std::sqrt(15));
  CHECK(std::abs(m4 / n - 3) < error * std::sqrt(96));
  CHECK(ks_statistic(y, normal_cdf) < 1.95);
}

TEST_CASE("uniform draws have the uniform distribution") {
  constexpr std::int64_t n = 1 << 18;
  std::vector<float> y(n);
  kernels::random_uniform(DType::kF32, kRandom, 0, y.data(), n);
  CHECK(ks_statistic(y, [](double x) { return x; }) < 1.95);
}

TEST_CASE("draws of other keys, steps and streams, and shifted ones, are uncorrelated") {
  constexpr std::int64_t n = 1 << 18;
  const auto y = normals(kRandom, n);
  RandomStream others[] = {kRandom, kRandom, kRandom, kRandom};
  others[0].key_low ^= 1;
  others[1].key_high ^= 1;
  others[2].step += 1;
  others[3].stream += 1;
  const double error = 4 / std::sqrt(double{n});
  for (const RandomStream& other : others) {
    const auto z = normals(other, n);
    CHECK(std::abs(correlation(y, z)) < error);
    std::vector<float> squares(y.size()), other_squares(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      squares[i] = (y[i] * y[i] - 1) / std::numbers::sqrt2_v<float>;
      other_squares[i] = (z[i] * z[i] - 1) / std::numbers::sqrt2_v<float>;
    }
    CHECK(std::abs(correlation(squares, other_squares)) < error);
  }
  for (const std::ptrdiff_t lag : {1, 2, 3, 4, 8, 16, 32}) {
    const std::vector<float> head(y.begin(), y.end() - lag), tail(y.begin() + lag, y.end());
    CHECK(std::abs(correlation(head, tail)) < error);
  }
}

#include "tensor/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

using namespace hourglass;

namespace {

constexpr Key kKey{.low = 12345, .high = 678};

}  // namespace

TEST_CASE("a seed's words are the key, low word first") {
  CHECK(key_of(0x123456789ABCDEF0u) == Key{0x9ABCDEF0, 0x12345678});
  CHECK(key_of(7) == Key{7, 0});
}

TEST_CASE("host draws are the stream's numbers, scaled in f64 and rounded once") {
  const Shape shape{3, 17, 101};
  std::vector<double> u(static_cast<std::size_t>(shape.elements())), z(u.size());
  const kernels::RandomStream random{kKey.low, kKey.high, 9, 4};
  kernels::random_uniform(DType::kF64, random, 0, u.data(), shape.elements());
  kernels::random_normal(DType::kF64, random, 0, z.data(), shape.elements());

  const Tensor a = uniform(kKey, {"x", 4}, 9, shape, -0.3, 0.7);
  const Tensor b = uniform(kKey, {"x", 4}, 9, shape, -0.3, 0.7, DType::kF64);
  const Tensor c = normal(kKey, {"x", 4}, 9, shape, 0.1, 0.02);
  const Tensor d = normal(kKey, {"x", 4}, 9, shape, 0.1, 0.02, DType::kF64);
  CHECK(a.shape() == shape);
  CHECK(a.dtype() == DType::kF32);
  CHECK(d.dtype() == DType::kF64);
  bool equal = true;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double wide_uniform = -0.3 + (0.7 - -0.3) * u[i];
    const double wide_normal = 0.1 + 0.02 * z[i];
    equal &= b.data<double>()[i] == wide_uniform && d.data<double>()[i] == wide_normal;
    equal &= a.data<float>()[i] == static_cast<float>(wide_uniform);
    equal &= c.data<float>()[i] == static_cast<float>(wide_normal);
  }
  CHECK(equal);
  CHECK(uniform(kKey, "x", 0, Shape{0, 5}).elements() == 0);
}

TEST_CASE("host draws do not depend on the number of threads") {
  const auto draw = [](int threads) {
    const ThreadScope scope(threads);
    return normal(kKey, "x", 2, Shape{70001});
  };
  CHECK(draw(1).identical(draw(2)));
}

TEST_CASE("a permutation holds every number once and depends on key, stream and step") {
  for (const std::int64_t n : {0, 1, 2, 3, 1000, 70000}) {
    auto order = permutation(kKey, "order", 0, n);
    CHECK(order == permutation(kKey, "order", 0, n));
    if (n >= 1000) {
      CHECK(order != permutation({kKey.low, kKey.high + 1}, "order", 0, n));
      CHECK(order != permutation(kKey, "other", 0, n));
      CHECK(order != permutation(kKey, "order", 1, n));
    }
    std::sort(order.begin(), order.end());
    std::vector<std::int32_t> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    CHECK(order == all);
  }
}

TEST_CASE("a permutation takes its exchanges from the words as documented") {
  constexpr std::int64_t n = 300000;  // long enough that five words are passed over, on average
  std::vector<std::uint32_t> words(n + 1000);
  kernels::philox_words({kKey.low, kKey.high, 3, 6}, 0, words.data(), n + 1000);
  std::vector<std::int32_t> expected(n);
  std::iota(expected.begin(), expected.end(), 0);
  const std::uint32_t* word = words.data();
  for (std::uint64_t m = n; m > 1; --m) {
    while ((*word * m & 0xFFFFFFFF) < (std::uint64_t{1} << 32) % m) ++word;
    std::swap(expected[m - 1], expected[*word++ * m >> 32]);
  }
  CHECK(word - words.data() > n - 1);  // some were
  CHECK(permutation(kKey, {"order", 6}, 3, n) == expected);
}

TEST_CASE("every order of four is as likely as any other") {
  constexpr int kDraws = 48000;
  std::vector<int> counts(256, 0);
  for (int step = 0; step < kDraws; ++step) {
    const auto p = permutation(kKey, "order", static_cast<std::uint32_t>(step), 4);
    ++counts[static_cast<std::size_t>(p[0] * 64 + p[1] * 16 + p[2] * 4 + p[3])];
  }
  double chi_squared = 0;
  int orders = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++orders;
    chi_squared += (count - kDraws / 24.0) * (count - kDraws / 24.0) / (kDraws / 24.0);
  }
  CHECK(orders == 24);
  CHECK(chi_squared < 49.7);  // 23 degrees of freedom: above it in one of a thousand
}

TEST_CASE("what cannot be drawn is refused in one line") {
  CHECK_THROWS_WITH_AS(uniform(kKey, "x", 0, Shape{2}, 0, 1, DType::kI32),
                       "uniform: draws are f32 or f64: got i32", Error);
  CHECK_THROWS_WITH_AS(uniform(kKey, "x", 0, Shape{2}, 1, 0.5),
                       "uniform: needs finite low <= high: 1 vs 0.5", Error);
  CHECK_THROWS_WITH_AS(normal(kKey, "x", 0, Shape{2}, 0, -1),
                       "normal: needs a finite mean and stddev >= 0: mean 0, stddev -1", Error);
  CHECK_THROWS_WITH_AS(permutation(kKey, "order", 0, -1),
                       "permutation: size out of range: -1: expected 0 to 2^31 - 1", Error);
  CHECK_THROWS_WITH_AS(permutation(kKey, "order", 0, std::int64_t{1} << 31),
                       "permutation: size out of range: 2147483648: expected 0 to 2^31 - 1", Error);
}

TEST_CASE("a stream is a name, of which the FNV-1a hash reaches the counter") {
  // The vectors of the hash's own page.
  CHECK(Stream("").number() == 0x811C9DC5);
  CHECK(Stream("a").number() == 0xE40C292C);
  CHECK(Stream("foobar").number() == 0xBF9CF968);
  CHECK(Stream("numbered", 7).number() == 7);
  CHECK(uniform(kKey, "foobar", 0, Shape{9})
            .identical(uniform(kKey, {"another", 0xBF9CF968}, 0, Shape{9})));
}

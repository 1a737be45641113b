#include <algorithm>
#include <cstring>

#include "tensor/kernels.h"
#include "tensor/kernels/random/random.h"
#include "tensor/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/random/random.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"

#include "tensor/kernels/lanes/math_log-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::HWY_NAMESPACE {
namespace {

constexpr hn::ScalableTag<std::uint32_t> kWords{};
constexpr hn::ScalableTag<std::int32_t> kIntegers{};
constexpr hn::ScalableTag<float> kNumbers{};
using Words = hn::Vec<decltype(kWords)>;
using Numbers = hn::Vec<decltype(kNumbers)>;

constexpr std::uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;  // added to the key each round
constexpr int kRounds = 10;

#if HWY_TARGET == HWY_SCALAR

// `groups` blocks: of each, words (0, 1), then (2, 3), go to pair(first, second, index of the
// first).
template <std::size_t groups, class Pair>
HWY_INLINE void philox(const RandomStream& random, std::uint64_t block, const Pair& pair) {
  for (std::size_t g = 0; g < groups; ++g, ++block) {
    std::uint32_t x[4] = {static_cast<std::uint32_t>(block),
                          static_cast<std::uint32_t>(block >> 32), random.step, random.stream};
    std::uint32_t key0 = random.key_low, key1 = random.key_high;
    for (int round = 0; round < kRounds; ++round, key0 += kWeyl0, key1 += kWeyl1) {
      const std::uint64_t p0 = std::uint64_t{x[0]} * kMultiplier0;
      const std::uint64_t p1 = std::uint64_t{x[2]} * kMultiplier1;
      x[0] = static_cast<std::uint32_t>(p1 >> 32) ^ x[1] ^ key0;
      x[1] = static_cast<std::uint32_t>(p1);
      x[2] = static_cast<std::uint32_t>(p0 >> 32) ^ x[3] ^ key1;
      x[3] = static_cast<std::uint32_t>(p0);
    }
    pair(hn::Set(kWords, x[0]), hn::Set(kWords, x[1]), 4 * g);
    pair(hn::Set(kWords, x[2]), hn::Set(kWords, x[3]), 4 * g + 2);
  }
}

HWY_INLINE std::size_t blocks_at_once() { return 1; }

// a[0] b[0] a[1] b[1] ...
template <class D, class V>
HWY_INLINE void store_interleaved(D d, V a, V b, hn::TFromD<D>* y) {
  hn::Store(a, d, y);
  hn::Store(b, d, y + 1);
}

#else

constexpr hn::ScalableTag<std::uint64_t> kBlocks{};  // a lane a block
using Blocks = hn::Vec<decltype(kBlocks)>;

HWY_INLINE std::size_t blocks_at_once() { return hn::Lanes(kBlocks); }

// The blocks that the lanes hold, counted from the first: such that store_interleaved, which
// stores what it makes of the lower halves of 128 bits first, gives words in order. Eight lanes
// hold 0 4 1 5 2 6 3 7.
HWY_INLINE Blocks block_offsets() {
  HWY_ALIGN std::uint64_t offsets[HWY_MAX_BYTES / sizeof(std::uint64_t)];
  const std::size_t n = blocks_at_once();
  for (std::size_t lane = 0; lane < n; ++lane) offsets[lane] = lane % 2 * (n / 2) + lane / 2;
  return hn::Load(kBlocks, offsets);
}

HWY_INLINE Blocks product(Blocks x, std::uint32_t multiplier) {
  return hn::MulEven(hn::BitCast(kWords, x), hn::Set(kWords, multiplier));
}
HWY_INLINE Words join(Blocks even, Blocks odd) {
  return hn::OddEven(hn::BitCast(kWords, hn::ShiftLeft<32>(odd)), hn::BitCast(kWords, even));
}

// `groups` times blocks_at_once() blocks: of each group, words 0 and 2, and words 1 and 3, go to
// pair(first, second, index of the group's first word). A counter word lives in the low half of a
// lane; the high half is what a product left there, which the next product ignores. The groups go
// through the rounds side by side: one alone would wait for its products.
template <std::size_t groups, class Pair>
HWY_INLINE void philox(const RandomStream& random, std::uint64_t block, const Pair& pair) {
  Blocks x0[groups], x1[groups], x2[groups], x3[groups];
  for (std::size_t g = 0; g < groups; ++g) {
    x0[g] = hn::Add(hn::Set(kBlocks, block + g * blocks_at_once()), block_offsets());
    x1[g] = hn::ShiftRight<32>(x0[g]);
    x2[g] = hn::Set(kBlocks, random.step);
    x3[g] = hn::Set(kBlocks, random.stream);
  }
  std::uint32_t key0 = random.key_low, key1 = random.key_high;
  for (int round = 0; round < kRounds; ++round, key0 += kWeyl0, key1 += kWeyl1) {
    for (std::size_t g = 0; g < groups; ++g) {
      const Blocks p0 = product(x0[g], kMultiplier0);
      const Blocks p1 = product(x2[g], kMultiplier1);
      x0[g] = hn::Xor3(hn::ShiftRight<32>(p1), x1[g], hn::Set(kBlocks, key0));
      x1[g] = p1;
      x2[g] = hn::Xor3(hn::ShiftRight<32>(p0), x3[g], hn::Set(kBlocks, key1));
      x3[g] = p0;
    }
  }
  for (std::size_t g = 0; g < groups; ++g) {
    pair(join(x0[g], x2[g]), join(x1[g], x3[g]), g * 4 * blocks_at_once());
  }
}

// a[0] b[0] a[1] b[1] ... within 128 bits, those of the lower halves first.
template <class D, class V>
HWY_INLINE void store_interleaved(D d, V a, V b, hn::TFromD<D>* y) {
  hn::StoreU(hn::InterleaveLower(d, a, b), d, y);
  hn::StoreU(hn::InterleaveUpper(d, a, b), d, y + hn::Lanes(d));
}

#endif

// --- What becomes of words of even number and those that follow them.

struct ToWords {
  using Element = std::uint32_t;
  HWY_INLINE void operator()(Words even, Words odd, std::uint32_t* y) const {
    store_interleaved(kWords, even, odd, y);
  }
};

// ((word >> 9) + 0.5) 2^-23, exactly: 1 + (word >> 9) 2^-23 by its bits, less 1 - 2^-24.
HWY_INLINE Numbers uniform_of(Words words) {
  const Words one = hn::BitCast(kWords, hn::Set(kNumbers, 1.0f));
  return hn::Sub(hn::BitCast(kNumbers, hn::Or(hn::ShiftRight<9>(words), one)),
                 hn::Set(kNumbers, 0x1.fffffep-1f));
}

struct ToUniform {
  using Element = float;
  HWY_INLINE void operator()(Words even, Words odd, float* y) const {
    store_interleaved(kNumbers, uniform_of(even), uniform_of(odd), y);
  }
};

// Minimax polynomials in d^2 for a quarter turn times d, |d| <= 1/2: sin = d (pi/2 + s(d^2)), with
// what f32 loses of pi/2 in s[0], and cos = c(d^2). Relative errors 2^-28 and 2^-31.
constexpr float kHalfPi = 0x1.921fb6p+0f;
constexpr float kSine[] = {-4.879558446191368e-08f, -0.6459634900093079f, 0.07968036085367203f,
                           -0.004602511879056692f};
constexpr float kCosine[] = {1.0f, -1.2337005138397217f, 0.25366854667663574f,
                             -0.02085559256374836f, 0.0008944606524892151f};

// The cosine and sine of an angle in turns, ((word >> 9) + 0.5) 2^-23. The nearest quarter turn is
// taken off in integers, so what is left, d quarter turns in [-1/2, 1/2), is exact, and the results
// are as precise beside their zeros as elsewhere.
HWY_INLINE void cos_sin_of_turns(Words words, Numbers& cosine, Numbers& sine) {
  const Words turns = hn::Or(hn::AndNot(hn::Set(kWords, 511u), words), hn::Set(kWords, 256u));
  const Words quarters = hn::Add(turns, hn::Set(kWords, 1u << 29));  // in the top two bits
  // d + 1.5 by its bits.
  const Words one = hn::BitCast(kWords, hn::Set(kNumbers, 1.0f));
  const Words rest = hn::OrAnd(one, hn::ShiftRight<7>(quarters), hn::Set(kWords, (1u << 23) - 1));
  const Numbers d = hn::Sub(hn::BitCast(kNumbers, rest), hn::Set(kNumbers, 1.5f));
  const Numbers d2 = hn::Mul(d, d);
  const Numbers s =
      hn::MulAdd(d, hn::Set(kNumbers, kHalfPi), hn::Mul(polynomial(kNumbers, d2, kSine), d));
  const Numbers c = polynomial(kNumbers, d2, kCosine);

  // Quarter turns 1 and 3 swap the two; 1 and 2 negate the cosine, 2 and 3 the sine. Integers
  // choose: the scalar target would compare their bits as floats, of which some are NaN.
  const Words odd = hn::Add(quarters, quarters);
  const auto choose = [&](Numbers if_odd, Numbers if_even) HWY_ATTR {
    return hn::BitCast(
        kWords, hn::IfNegativeThenElse(hn::BitCast(kIntegers, odd), hn::BitCast(kIntegers, if_odd),
                                       hn::BitCast(kIntegers, if_even)));
  };
  const Words sign = hn::Set(kWords, 1u << 31);
  cosine = hn::BitCast(kNumbers, hn::Xor(choose(s, c), hn::And(hn::Xor(quarters, odd), sign)));
  sine = hn::BitCast(kNumbers, hn::Xor(choose(c, s), hn::And(quarters, sign)));
}

struct ToNormal {
  using Element = float;
  HWY_INLINE void operator()(Words even, Words odd, float* y) const {
    // u >= 2^-24 is normal and below 1: none of the logarithm's special cases.
    const auto u = decompose(kNumbers, uniform_of(even));
    const Numbers log = log_parts(kNumbers, hn::Sub(u.m, hn::Set(kNumbers, 1.0f)), u.k);
    const Numbers radius = hn::Sqrt(hn::Mul(log, hn::Set(kNumbers, -2.0f)));
    Numbers cosine, sine;
    cos_sin_of_turns(odd, cosine, sine);
    store_interleaved(kNumbers, hn::Mul(cosine, radius), hn::Mul(sine, radius), y);
  }
};

// Elements [skip, skip + n) counted from the first of `block`. Whole groups of blocks go straight
// to y, which need not start where a block does; the ends go through a buffer.
template <class To>
HWY_INLINE void generate(const RandomStream& random, std::uint64_t block, std::size_t skip,
                         typename To::Element* y, std::size_t n) {
  using Element = typename To::Element;
  constexpr std::size_t most = 4;  // groups side by side
  const std::size_t group = 4 * blocks_at_once();
  const auto next_groups = [&]<std::size_t groups>(std::integral_constant<std::size_t, groups>,
                                                   Element* to) HWY_ATTR {
    philox<groups>(random, block, [&](Words even, Words odd, std::size_t offset) HWY_ATTR {
      To()(even, odd, to + offset);
    });
    block += groups * blocks_at_once();
  };
  const std::integral_constant<std::size_t, 1> one;
  const std::integral_constant<std::size_t, most> many;
  HWY_ALIGN Element buffer[HWY_MAX_BYTES / 2];
  if (skip > 0) {
    next_groups(one, buffer);
    const std::size_t taken = std::min(group - skip, n);
    std::copy_n(buffer + skip, taken, y);
    y += taken;
    n -= taken;
  }
  for (; n >= most * group; n -= most * group, y += most * group) next_groups(many, y);
  for (; n >= group; n -= group, y += group) next_groups(one, y);
  if (n > 0) {
    next_groups(one, buffer);
    std::copy_n(buffer, n, y);
  }
}

void words(const RandomStream& random, std::uint64_t block, std::size_t skip, std::uint32_t* y,
           std::size_t n) {
  generate<ToWords>(random, block, skip, y, n);
}
void uniform(const RandomStream& random, std::uint64_t block, std::size_t skip, float* y,
             std::size_t n) {
  generate<ToUniform>(random, block, skip, y, n);
}
void normal(const RandomStream& random, std::uint64_t block, std::size_t skip, float* y,
            std::size_t n) {
  generate<ToNormal>(random, block, skip, y, n);
}

}  // namespace
}  // namespace hourglass::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {
namespace {

HWY_EXPORT(words);
HWY_EXPORT(uniform);
HWY_EXPORT(normal);

constexpr std::int64_t kGrain = std::int64_t{1} << 14;  // elements that a thread takes at a time
constexpr std::size_t kWidenChunk = 1024;               // f32 numbers on their way to f64

void run_words(const RandomStream& random, std::uint64_t block, std::size_t skip, std::uint32_t* y,
               std::size_t n) {
  HWY_DYNAMIC_DISPATCH(words)(random, block, skip, y, n);
}
void run_uniform(const RandomStream& random, std::uint64_t block, std::size_t skip, float* y,
                 std::size_t n) {
  HWY_DYNAMIC_DISPATCH(uniform)(random, block, skip, y, n);
}
void run_normal(const RandomStream& random, std::uint64_t block, std::size_t skip, float* y,
                std::size_t n) {
  HWY_DYNAMIC_DISPATCH(normal)(random, block, skip, y, n);
}

using Generate = void (*)(const RandomStream&, std::uint64_t, std::size_t, float*, std::size_t);

void generate_f32(Generate generate, const RandomStream& random, std::int64_t first, float* y,
                  std::int64_t n) {
  generate(random, static_cast<std::uint64_t>(first / 4), static_cast<std::size_t>(first % 4), y,
           static_cast<std::size_t>(n));
}

void generate_f64(Generate generate, const RandomStream& random, std::int64_t first, double* y,
                  std::int64_t n) {
  float chunk[kWidenChunk];
  while (n > 0) {
    const std::int64_t count = std::min(n, std::int64_t{kWidenChunk});
    generate_f32(generate, random, first, chunk, count);
    std::copy_n(chunk, count, y);
    first += count;
    y += count;
    n -= count;
  }
}

void generate_reals(Generate generate, DType dtype, const RandomStream& random, std::int64_t first,
                    void* y, std::int64_t n) {
  parallel_ranges(n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    if (dtype == DType::kF32) {
      generate_f32(generate, random, first + begin, static_cast<float*>(y) + begin, end - begin);
    } else {
      generate_f64(generate, random, first + begin, static_cast<double*>(y) + begin, end - begin);
    }
  });
}

}  // namespace

void internal::philox_blocks(const RandomStream& random, std::uint64_t block, std::uint32_t* y,
                             std::size_t blocks) {
  run_words(random, block, 0, y, 4 * blocks);
}

void philox_words(const RandomStream& random, std::int64_t first, std::uint32_t* y,
                  std::int64_t n) {
  parallel_ranges(n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t from = first + begin;
    run_words(random, static_cast<std::uint64_t>(from / 4), static_cast<std::size_t>(from % 4),
              y + begin, static_cast<std::size_t>(end - begin));
  });
}

void random_uniform(DType dtype, const RandomStream& random, std::int64_t first, void* y,
                    std::int64_t n) {
  generate_reals(run_uniform, dtype, random, first, y, n);
}

void random_normal(DType dtype, const RandomStream& random, std::int64_t first, void* y,
                   std::int64_t n) {
  generate_reals(run_normal, dtype, random, first, y, n);
}

}  // namespace hourglass::kernels
#endif  // HWY_ONCE

#include "tensor/kernels/lanes/trig_reduction.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace hourglass::kernels {
namespace {

__extension__ using uint128 = unsigned __int128;

// The bits of 2 / pi, the highest first, behind 64 zeros.
constexpr std::array<std::uint64_t, 20> two_over_pi = {
    0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
    0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e,
    0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b,
    0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab};
constexpr std::uint64_t half_pi = 0xc90fdaa22168c234;  // pi / 2 in units of 2^-63

// 64 bits of the table from bit `at`.
std::uint64_t table_bits(int at) {
  const int word = at / 64, shift = at % 64;
  if (shift == 0) return two_over_pi[word];
  return two_over_pi[word] << shift | two_over_pi[word + 1] >> (64 - shift);
}

}  // namespace

ScalarAngle reduce_far_angle(double x) {
  if (!std::isfinite(x)) return {std::numeric_limits<double>::quiet_NaN(), 0};
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(std::fabs(x));
  const int exponent = static_cast<int>(bits >> 52) - 1075;  // |x| = m 2^exponent
  const std::uint64_t m = (bits & ((std::uint64_t{1} << 52) - 1)) | std::uint64_t{1} << 52;

  // x 2/pi modulo 4: bits of 2 / pi above the weight 2^(2 - exponent) only add multiples of 4. The
  // product with the 192 bits below is kept modulo 2^192: two bits of quadrant and 190 of fraction.
  const int at = 64 + exponent - 2;
  const uint128 low = static_cast<uint128>(table_bits(at + 128)) * m;
  const uint128 middle = static_cast<uint128>(table_bits(at + 64)) * m + (low >> 64);
  const std::uint64_t high = table_bits(at) * m + static_cast<std::uint64_t>(middle >> 64);
  int quadrant = static_cast<int>(high >> 62);
  uint128 fraction = (static_cast<uint128>(high) << 64 | static_cast<std::uint64_t>(middle)) << 2 |
                     static_cast<std::uint64_t>(low) >> 62;

  // To the nearest quadrant, then a normalised significand times pi / 2. No f64 comes nearer to a
  // multiple of pi / 2 than 2^-62, so 64 significant bits remain.
  bool negative = false;
  if (fraction >> 127 != 0) {
    quadrant += 1;
    fraction = -fraction;
    negative = true;
  }
  const std::uint64_t top = static_cast<std::uint64_t>(fraction >> 64);
  const int zeros = top != 0 ? std::countl_zero(top)
                             : 64 + std::countl_zero(static_cast<std::uint64_t>(fraction) | 1);
  const std::uint64_t significand = static_cast<std::uint64_t>((fraction << zeros) >> 64);
  const std::uint64_t product =
      static_cast<std::uint64_t>((static_cast<uint128>(significand) * half_pi) >> 64);
  double r = std::ldexp(static_cast<double>(product), -63 - zeros);
  if (x < 0) quadrant = -quadrant, negative = !negative;
  if (negative) r = -r;
  return {r, quadrant & 3};
}

}  // namespace hourglass::kernels

#include "tensor/files/sha256.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace hourglass::internal {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kBlock = 64;  // bytes
constexpr std::size_t kRounds = 64;

// The first 32 bits of the fraction of the cube root of n: the integer root of n 2^96, found bit by
// bit in exact arithmetic.
constexpr std::uint32_t cube_root_fraction(std::uint64_t n) {
  std::uint64_t root = 0;
  for (int bit = 35; bit >= 0; --bit) {
    const std::uint64_t next = root | std::uint64_t{1} << bit;
    // next^3 < n 2^96, which no cube equals, by floor(next^3 / 2^48).
    const Wide square = static_cast<Wide>(next) * next;
    const Wide high = (square >> 48) * next, low = (square & ((1ull << 48) - 1)) * next;
    const Wide cube = high + (low >> 48);  // floor(next^3 / 2^48)
    if (cube < static_cast<Wide>(n) << 48) root = next;
  }
  return static_cast<std::uint32_t>(root);
}

constexpr bool is_prime(std::uint64_t n) {
  for (std::uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

// Of the first 64 primes.
constexpr std::array<std::uint32_t, kRounds> make_constants() {
  std::array<std::uint32_t, kRounds> k = {};
  std::uint64_t n = 2;
  for (std::uint32_t& each : k) {
    while (!is_prime(n)) ++n;
    each = cube_root_fraction(n++);
  }
  return k;
}
constexpr std::array<std::uint32_t, kRounds> kConstants = make_constants();

void put_big_endian(std::uint64_t value, std::size_t bytes, std::uint8_t* to) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = static_cast<std::uint8_t>(value >> 8 * (bytes - 1 - i));
  }
}

// The block's words, and what follows from them.
std::array<std::uint32_t, kRounds> schedule_of(const std::uint8_t* block) {
  std::array<std::uint32_t, kRounds> w = {};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t byte = 0; byte < 4; ++byte) w[i] = w[i] << 8 | block[4 * i + byte];
  }
  for (std::size_t i = 16; i < kRounds; ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    const std::uint32_t s0 = std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3;
    const std::uint32_t s1 = std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  return w;
}

}  // namespace

void Sha256::add_block(const std::uint8_t* block) {
  const std::array<std::uint32_t, kRounds> w = schedule_of(block);
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kConstants[i] + w[i];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < added.size(); ++i) state_[i] += added[i];
}

void Sha256::write(const void* data, std::size_t n) {
  const auto* from = static_cast<const std::uint8_t*>(data);
  while (n > 0) {
    const std::size_t held = bytes_ % kBlock, step = std::min(n, kBlock - held);
    std::memcpy(block_.data() + held, from, step);
    bytes_ += step;
    from += step;
    n -= step;
    if (bytes_ % kBlock == 0) add_block(block_.data());
  }
}

// A 1 bit, zeros, and the length in bits at the end of the last block.
std::string Sha256::hex() const {
  Sha256 end = *this;
  constexpr std::array<std::uint8_t, kBlock> kPadding = {0x80};
  const std::size_t held = bytes_ % kBlock;
  end.write(kPadding.data(), held < 56 ? 56 - held : 120 - held);
  std::uint8_t length[8];
  put_big_endian(8 * bytes_, sizeof length, length);
  end.write(length, sizeof length);
  std::string text;
  for (const std::uint32_t word : end.state_) text += fmt::format("{:08x}", word);
  return text;
}

}  // namespace hourglass::internal

#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tensor/files/byte_sink.h"

namespace hourglass::internal {

// The SHA-256 hash (FIPS 180-4) of what is written to it, as `sha256sum` prints that of a file.
class Sha256 : public ByteSink {
 public:
  using ByteSink::write;
  void write(const void* data, std::size_t n) override;
  std::string hex() const;  // of all so far: 64 digits

 private:
  void add_block(const std::uint8_t* block);

  // The first 32 bits of the fractions of the square roots of the first 8 primes.
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_ = {};
  std::uint64_t bytes_ = 0;
};

}  // namespace hourglass::internal

#include <zlib.h>

#include <cstring>

#include "tests/fuzz/readers.h"

namespace hourglass::fuzz {
namespace {

using Bytes = std::span<std::uint8_t>;

std::uint32_t crc_of(Bytes bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, bytes.data(), bytes.size()));
}

std::uint32_t big_endian(Bytes four) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | four[i];
  return value;
}

std::uint32_t little_endian(Bytes bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

void put_little_endian(std::uint32_t value, Bytes four) {
  for (std::size_t i = 0; i < 4; ++i) four[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

// One entry of a ZIP file's directory, from its signature on, and the member that it tells of.
void mend_entry(Bytes file, Bytes entry) {
  constexpr std::size_t kLocal = 30;  // bytes of a local header ahead of its texts
  const bool stored = little_endian(entry.subspan(10, 2)) == 0;
  const std::size_t size = little_endian(entry.subspan(20, 4));
  const std::size_t local = little_endian(entry.subspan(42, 4));
  if (!stored || local + kLocal > file.size()) return;
  const std::size_t data = local + kLocal + little_endian(file.subspan(local + 26, 2)) +
                           little_endian(file.subspan(local + 28, 2));
  if (data + size > file.size()) return;
  put_little_endian(crc_of(file.subspan(data, size)), entry.subspan(16, 4));
  put_little_endian(crc_of(file.subspan(data, size)), file.subspan(local + 14, 4));
}

}  // namespace

void mend_png(Bytes bytes) {
  constexpr std::size_t kSignature = 8, kAround = 12;  // length and type ahead, checksum behind
  for (std::size_t at = kSignature; at + kAround <= bytes.size();) {
    const std::size_t length = big_endian(bytes.subspan(at, 4));
    if (length > bytes.size() - at - kAround) return;
    const std::uint32_t crc = crc_of(bytes.subspan(at + 4, 4 + length));
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    }
    at += kAround + length;
  }
}

void mend_zip(Bytes bytes) {
  constexpr std::size_t kEntry = 46;
  for (std::size_t at = 0; at + kEntry <= bytes.size(); ++at) {
    if (std::memcmp(bytes.data() + at, "PK\1\2", 4) == 0) mend_entry(bytes, bytes.subspan(at));
  }
}

}  // namespace hourglass::fuzz

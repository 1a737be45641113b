#pragma once

#include <cstdint>
#include <string>

#include <zlib.h>

namespace hourglass::test {

using namespace std::string_literals;

inline std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16 & 255),
          static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}

inline std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body +
         big_endian(static_cast<std::uint32_t>(crc));
}

inline std::string compressed(const std::string& bytes) {
  uLongf n = compressBound(bytes.size());
  std::string packed(n, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &n,
           reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  packed.resize(n);
  return packed;
}

// An image as another program may write it; rows begin with their filter, 0.
struct Png {
  std::uint32_t width = 0, height = 0;
  char bits = 8, colour = 0, interlaced = 0;
  std::string chunks = {};  // between header and pixels
  std::string rows = {};

  std::string text() const {
    return "\x89PNG\r\n\x1a\n" +
           chunk("IHDR",
                 big_endian(width) + big_endian(height) + bits + colour + "\0\0"s + interlaced) +
           chunks + chunk("IDAT", compressed(rows)) + chunk("IEND", "");
  }
};

}  // namespace hourglass::test

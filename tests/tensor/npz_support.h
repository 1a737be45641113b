#pragma once

#include <cstdint>
#include <string>

#include <zlib.h>

namespace hourglass::test {

// Little-endian.
inline std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

inline std::string deflated(const std::string& bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string packed(bytes.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// An archive with one member, made as other writers do: deflated, with the ZIP64 fields that NumPy
// adds.
struct Archive {
  std::string name = "a.npy", bytes;
  std::uint16_t method = 8, flags = 0;
  bool zip64 = false;
  std::uint32_t crc_error = 0, size_error = 0;

  std::string text() const {
    const std::string packed = method == 8 ? deflated(bytes) : bytes;
    const auto crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
    const std::uint64_t size = bytes.size() + size_error;
    const std::string checks = number(20, 2) + number(flags, 2) + number(method, 2) + number(0, 4) +
                               number(crc ^ crc_error, 4);
    const std::string sizes = number(packed.size(), 4) + number(size, 4);
    const std::string wide =
        number(1, 2) + number(16, 2) + number(size, 8) + number(packed.size(), 8);
    const std::string local = "PK\3\4" + checks + (zip64 ? std::string(8, '\xff') : sizes) +
                              number(name.size(), 2) + number(zip64 ? wide.size() : 0, 2) + name +
                              (zip64 ? wide : "");
    const std::string entry = "PK\1\2" + number(20, 2) + checks +
                              (zip64 ? std::string(8, '\xff') : sizes) + number(name.size(), 2) +
                              number(zip64 ? wide.size() : 0, 2) + number(0, 2) + number(0, 4) +
                              number(0, 4) + number(0, 4) + name + (zip64 ? wide : "");
    const std::string end64 = "PK\6\6" + number(44, 8) + number(20, 2) + number(20, 2) +
                              number(0, 8) + number(1, 8) + number(1, 8) + number(entry.size(), 8) +
                              number(local.size() + packed.size(), 8);
    const std::string locator = "PK\6\7" + number(0, 4) +
                                number(local.size() + packed.size() + entry.size(), 8) +
                                number(1, 4);
    const std::string end =
        "PK\5\6" + number(0, 4) + number(1, 2) + number(1, 2) + number(entry.size(), 4) +
        number(zip64 ? UINT32_MAX : local.size() + packed.size(), 4) + number(0, 2);
    return local + packed + entry + (zip64 ? end64 + locator : "") + end;
  }
};

}  // namespace hourglass::test

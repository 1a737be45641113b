#include "tensor/files/utf8.h"

#include <cstddef>
#include <cstdint>

namespace hourglass::internal {
namespace {

constexpr std::uint32_t kEscapes = 0xF700;  // and a byte from 128 on

std::uint32_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// A character of so many bytes; of none where there is no well-formed one.
struct Character {
  std::size_t bytes = 0;
  std::uint32_t code = 0;
  bool is_escape() const { return code >= kEscapes + 128 && code < kEscapes + 256; }
};

// Table 3-7 of the Unicode standard: no longer form than needed, no surrogates, none past U+10FFFF.
Character character_at(std::string_view text, std::size_t i) {
  const std::uint32_t lead = byte_at(text, i);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead < 0xC2   ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (bytes == 0 || i + bytes > text.size()) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t k = 1; k < bytes; ++k) {
    const std::uint32_t next = byte_at(text, i + k);
    if ((next & 0xC0U) != 0x80) return {};
    code = code << 6 | (next & 0x3FU);
  }
  const bool longer = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (longer || surrogate || code > 0x10FFFF) return {};
  return {bytes, code};
}

void append_escape(std::string& text, std::uint32_t byte) {
  const std::uint32_t code = kEscapes + byte;
  text += static_cast<char>(0xE0U | code >> 12);
  text += static_cast<char>(0x80U | (code >> 6 & 0x3FU));
  text += static_cast<char>(0x80U | (code & 0x3FU));
}

}  // namespace

std::string utf8_of_bytes(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size();) {
    const Character c = character_at(bytes, i);
    if (c.bytes > 0 && !c.is_escape()) {
      text += bytes.substr(i, c.bytes);
      i += c.bytes;
    } else {
      append_escape(text, byte_at(bytes, i++));
    }
  }
  return text;
}

std::string bytes_of_utf8(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    const std::size_t length = c.bytes > 0 ? c.bytes : 1;
    if (c.is_escape()) {
      bytes += static_cast<char>(c.code - kEscapes);
    } else {
      bytes += text.substr(i, length);
    }
    i += length;
  }
  return bytes;
}

}  // namespace hourglass::internal

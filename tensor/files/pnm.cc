#include "tensor/files/pnm.h"

#include <fmt/core.h>

#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"
#include "tensor/memory.h"

namespace hourglass {

using namespace internal;

namespace {

constexpr int kMostLevels = 65535;

// Reads the header's and a text image's numbers, byte by byte from a buffer.
class PnmReader {
 public:
  explicit PnmReader(ByteStream& stream) : stream_(stream) {}

  // The next byte; -1 at the end.
  int get() {
    if (at_ == buffer_.size()) {
      start_ += buffer_.size();
      buffer_.resize(kBuffer);
      buffer_.resize(stream_.read_some(buffer_.data(), kBuffer));
      at_ = 0;
      if (buffer_.empty()) return -1;
    }
    return static_cast<unsigned char>(buffer_[at_++]);
  }

  std::uint64_t offset() const { return start_ + at_; }

  // Ahead of a number: white space, and comments from # to the end of the line.
  int skip() {
    int c = get();
    while (c == '#' || (c >= 0 && std::isspace(c) != 0)) {
      if (c == '#') {
        while (c >= 0 && c != '\n' && c != '\r') c = get();
      } else {
        c = get();
      }
    }
    return c;
  }

  // A number, and the one byte behind it.
  int number(const char* what, int most) {
    int c = skip();
    const std::uint64_t from = offset();
    int value = 0;
    if (c < 0) fail(from, fmt::format("the file ends here: expected {}", what));
    if (std::isdigit(c) == 0) fail(from - 1, fmt::format("expected {}, a number", what));
    for (; c >= 0 && std::isdigit(c) != 0; c = get()) {
      value = 10 * value + (c - '0');
      if (value > most) fail(from - 1, fmt::format("{}: expected at most {}", what, most));
    }
    return value;
  }

  [[noreturn]] void fail(std::uint64_t at, const std::string& what) const {
    stream_.fail_at(at, what);
  }

 private:
  static constexpr std::size_t kBuffer = std::size_t{64} << 10;
  ByteStream& stream_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t start_ = 0;
};

struct PnmHeader {
  bool text = false, bits = false;
  std::int64_t channels = 1, height = 0, width = 0;
  int levels = 1;  // the largest

  std::uint64_t samples() const {
    return static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width * channels);
  }
  // The least that the pixels take in the file.
  std::uint64_t bytes() const {
    if (text) return samples();
    if (bits)
      return static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>((width + 7) / 8);
    return samples() * (levels > 255 ? 2 : 1);
  }
};

PnmHeader read_pnm_header(PnmReader& reader, const ByteStream& stream) {
  const int p = reader.get(), digit = reader.get();
  if (p != 'P' || digit < '1' || digit > '6') {
    reader.fail(0, "not a PNM image: expected P1 to P6, found " +
                       looks_like(stream.exact() ? stream.file().head(64) : "\x1f\x8b"));
  }
  PnmHeader header;
  header.text = digit <= '3';
  header.bits = digit == '1' || digit == '4';
  header.channels = digit == '3' || digit == '6' ? 3 : 1;
  constexpr int kMostSize = 1 << 24;
  header.width = reader.number("the width", kMostSize);
  header.height = reader.number("the height", kMostSize);
  if (!header.bits) header.levels = reader.number("the largest level", kMostLevels);
  if (header.width == 0 || header.height == 0 || header.levels == 0) {
    reader.fail(0, fmt::format("an image of {} x {} pixels and {} levels", header.width,
                               header.height, header.levels));
  }
  const std::uint64_t most = stream.file().size() * (stream.exact() ? 1 : 1032);
  if (header.bytes() > most) {
    reader.fail(0, fmt::format("an image of {} x {} pixels does not fit a file of {} bytes",
                               header.width, header.height, stream.file().size()));
  }
  return header;
}

int byte_of(PnmReader& reader) {
  const int c = reader.get();
  if (c < 0) reader.fail(reader.offset(), "the file ends here: expected more pixels");
  return c;
}

// The next level; of a bitmap 1 is black. A bitmap's digits may stand without a space.
int sample(PnmReader& reader, const PnmHeader& header, std::int64_t column, int& byte) {
  if (header.bits && header.text) {
    const int c = reader.skip();
    if (c != '0' && c != '1') reader.fail(reader.offset(), "expected a pixel, 0 or 1");
    return c == '0' ? 1 : 0;
  }
  if (header.bits) {
    if (column % 8 == 0) byte = byte_of(reader);
    return (byte >> (7 - column % 8) & 1) != 0 ? 0 : 1;
  }
  if (header.text) return reader.number("a level", header.levels);
  const int high = header.levels > 255 ? byte_of(reader) << 8 : 0;
  const int level = high | byte_of(reader);
  if (level > header.levels) {
    reader.fail(reader.offset() - 1,
                fmt::format("a level of {}: expected at most {}", level, header.levels));
  }
  return level;
}

// What follows may be white space, and after bytes nothing.
void expect_end(PnmReader& reader, const PnmHeader& header) {
  const int c = header.text ? reader.skip() : reader.get();
  if (c >= 0) reader.fail(reader.offset() - 1, "more data than expected after the image");
}

}  // namespace

Tensor read_pnm(const std::string& path) {
  const InputFile file(path, "read_pnm");
  ByteStream stream(file);
  PnmReader reader(stream);
  const PnmHeader header = read_pnm_header(reader, stream);
  const bool wide = header.levels > 255;
  check_memory("read_pnm", path, header.samples() * (wide ? sizeof(float) : 1));
  Tensor pixels = Tensor::uninitialized({header.height, header.width, header.channels},
                                        wide ? DType::kF32 : DType::kU8);
  const std::int64_t row = header.width * header.channels;
  int byte = 0;
  for (std::int64_t i = 0; i < pixels.elements(); ++i) {
    const int level = sample(reader, header, i % row, byte);
    if (wide) {
      pixels.data<float>()[i] = static_cast<float>(level) / static_cast<float>(header.levels);
    } else {
      pixels.data<std::uint8_t>()[i] =
          static_cast<std::uint8_t>((level * 255 + header.levels / 2) / header.levels);
    }
  }
  expect_end(reader, header);
  return header.channels == 1 ? pixels.reshape({header.height, header.width}) : pixels;
}

}  // namespace hourglass

#include "ae/exchange/compressed.h"

#include <fmt/core.h>
#include <zstd.h>

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"

namespace hourglass::ae {

using namespace internal;

namespace {

constexpr std::string_view kFormat = "hourglass codes 1\n";
constexpr int kEffort = 19;  // the most that takes no more memory than usual

// A number of 32 bits, whose small ones of either sign have small bytes.
std::uint32_t zigzag(std::int32_t x) {
  return static_cast<std::uint32_t>(x) << 1 ^ static_cast<std::uint32_t>(x >> 31);
}
std::int32_t from_zigzag(std::uint32_t x) {
  return static_cast<std::int32_t>(x >> 1 ^ (0 - (x & 1)));
}

int bytes_needed(const Tensor& symbols) {
  std::uint32_t all = 0;
  for (std::int64_t i = 0; i < symbols.elements(); ++i) {
    all |= zigzag(symbols.data<std::int32_t>()[i]);
  }
  int bytes = 1;
  while (bytes < 4 && all >> (8 * bytes) != 0) ++bytes;
  return bytes;
}

void append_u32(std::string& text, std::uint32_t x) {
  for (int b = 0; b < 4; ++b) text += static_cast<char>(x >> (8 * b) & 0xFF);
}

void append_floats(std::string& text, const Tensor& numbers) {
  for (std::int64_t i = 0; i < numbers.elements(); ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, numbers.data<float>() + i, sizeof bits);
    append_u32(text, bits);
  }
}

// The lowest byte of every symbol of the first column, then of the next; then the bytes above.
void append_symbols(std::string& text, const Tensor& symbols, int bytes) {
  const std::int64_t n = symbols.shape()[0], columns = symbols.shape()[1];
  for (int b = 0; b < bytes; ++b) {
    for (std::int64_t c = 0; c < columns; ++c) {
      for (std::int64_t i = 0; i < n; ++i) {
        const std::uint32_t x = zigzag(symbols.data<std::int32_t>()[i * columns + c]);
        text += static_cast<char>(x >> (8 * b) & 0xFF);
      }
    }
  }
}

std::string content_of(const CompressedCodes& codes) {
  const int bytes = bytes_needed(codes.symbols);
  Json header = {{"model", codes.model},
                 {"kind", codes.kind},
                 {"example", Json::array()},
                 {"dtype", codes.dtype},
                 {"count", codes.symbols.shape()[0]},
                 {"symbols", codes.symbols.shape()[1]},
                 {"bytes", bytes},
                 {"steps", codes.steps.defined()}};
  for (int i = 0; i < codes.example.rank(); ++i) header["example"].push_back(codes.example[i]);
  const std::string line = json_text(header);
  std::string content;
  append_u32(content, static_cast<std::uint32_t>(line.size()));
  content += line;
  if (codes.steps.defined()) {
    append_floats(content, codes.means);
    append_floats(content, codes.steps);
  }
  append_symbols(content, codes.symbols, bytes);
  return content;
}

std::string zstd_frame(const std::string& content) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                        ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kEffort);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), content.data(), content.size());
  if (ZSTD_isError(size)) throw Error(fmt::format("compress: {}", ZSTD_getErrorName(size)));
  frame.resize(size);
  return frame;
}

// A file that is read, from whose content parts are taken in their order.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), content_(unpacked(path)) {}

  [[noreturn]] void damaged(std::string_view what) const { damaged(path_, what); }

  std::uint32_t u32() {
    const std::string_view four = take(4);
    std::uint32_t x = 0;
    for (int b = 3; b >= 0; --b) {
      x = x << 8 | static_cast<unsigned char>(four[static_cast<std::size_t>(b)]);
    }
    return x;
  }

  std::string_view take(std::size_t n) {
    if (n > content_.size() - at_) damaged("it ends too early");
    at_ += n;
    return std::string_view(content_).substr(at_ - n, n);
  }

  std::size_t left() const { return content_.size() - at_; }

 private:
  [[noreturn]] static void damaged(const std::string& path, std::string_view what) {
    throw FileError(fmt::format("compressed: {}: is cut off or damaged: {}", path, what));
  }

  static std::string unpacked(const std::string& path) {
    const InputFile input(path, "compressed");
    std::string file(input.size(), '\0');
    input.read_at(0, file.data(), file.size());
    if (!file.starts_with(kFormat)) {
      throw FileError(
          fmt::format("compressed: {}: is no file of hourglass compress: it does not begin with "
                      "\"{}\"",
                      path, kFormat.substr(0, kFormat.size() - 1)));
    }
    const std::string_view frame = std::string_view(file).substr(kFormat.size());
    return frame_content(path, frame);
  }

  // What it says of its size is not believed ahead of what it holds.
  static std::string frame_content(const std::string& path, std::string_view frame) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                          ZSTD_freeDCtx);
    ZSTD_inBuffer in{frame.data(), frame.size(), 0};
    std::string content, part(ZSTD_DStreamOutSize(), '\0');
    for (std::size_t left = 1; left != 0;) {
      ZSTD_outBuffer out{part.data(), part.size(), 0};
      left = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(left)) damaged(path, ZSTD_getErrorName(left));
      content.append(part, 0, out.pos);
      if (left != 0 && out.pos == 0 && in.pos == in.size) damaged(path, "it ends too early");
    }
    if (in.pos != in.size) damaged(path, "it goes on behind its end");
    return content;
  }

  std::string path_, content_;
  std::size_t at_ = 0;
};

struct Header {
  CompressedCodes codes;  // without their numbers
  std::int64_t count = 0, columns = 0;
  int bytes = 0;  // of a symbol
  bool steps = false;
};

Header header_of(Reader& reader) {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const std::string line(reader.take(reader.u32()));
  Header header;
  try {
    const Json json = parse_json(line);
    header.codes.model = json.at("model").get<std::string>();
    header.codes.kind = json.at("kind").get<std::string>();
    header.codes.example = Shape(json.at("example").get<std::vector<std::int64_t>>());
    header.codes.dtype = json.at("dtype").get<std::string>();
    header.count = json.at("count").get<std::int64_t>();
    header.columns = json.at("symbols").get<std::int64_t>();
    header.bytes = json.at("bytes").get<int>();
    header.steps = json.at("steps").get<bool>();
  } catch (const std::exception&) {  // no JSON, or of other members
    reader.damaged("its header is none");
  }
  const bool sane = header.count > 0 && header.count < kMost && header.columns > 0 &&
                    header.columns < kMost && header.bytes > 0 && header.bytes <= 4;
  if (!sane) reader.damaged("its header is none");
  return header;
}

Tensor floats(Reader& reader, std::int64_t n) {
  Tensor numbers(Shape{n}, DType::kF32);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint32_t bits = reader.u32();
    std::memcpy(numbers.data<float>() + i, &bits, sizeof bits);
  }
  return numbers;
}

Tensor symbols_of(Reader& reader, std::int64_t n, std::int64_t columns, int bytes) {
  Tensor symbols(Shape{n, columns}, DType::kI32);
  std::vector<std::string_view> planes;
  for (int b = 0; b < bytes; ++b)
    planes.push_back(reader.take(static_cast<std::size_t>(n * columns)));
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t i = 0; i < n; ++i) {
      std::uint32_t x = 0;
      for (std::size_t b = 0; b < planes.size(); ++b) {
        const auto byte =
            static_cast<unsigned char>(planes[b][static_cast<std::size_t>(c * n + i)]);
        x |= std::uint32_t{byte} << (8 * b);
      }
      symbols.data<std::int32_t>()[i * columns + c] = from_zigzag(x);
    }
  }
  return symbols;
}

}  // namespace

std::uint64_t write_compressed(const std::string& path, const CompressedCodes& codes) {
  AtomicFile file(path, "compress");
  file.write(kFormat);
  file.write(zstd_frame(content_of(codes)));
  file.commit();
  return file.size();
}

CompressedCodes read_compressed(const std::string& path) {
  Reader reader(path);
  const Header header = header_of(reader);
  const auto symbols = static_cast<std::size_t>(header.columns);
  const std::size_t steps = header.steps ? 2 * sizeof(float) * symbols : 0;
  if (reader.left() != steps + symbols * static_cast<std::size_t>(header.count * header.bytes)) {
    reader.damaged("it does not hold what it says");
  }
  CompressedCodes codes = header.codes;
  if (header.steps) {
    codes.means = floats(reader, header.columns);
    codes.steps = floats(reader, header.columns);
  }
  codes.symbols = symbols_of(reader, header.count, header.columns, header.bytes);
  return codes;
}

}  // namespace hourglass::ae

#include "tensor/files/idx.h"

#include <fmt/core.h>

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"

namespace hourglass {

using namespace internal;

namespace {

constexpr std::uint64_t kSizesOffset = 4;

struct IdxType {
  unsigned char code;
  Stored stored;
};
constexpr IdxType kIdxTypes[] = {
    {0x08, Stored::kU8},  {0x09, Stored::kI8},  {0x0B, Stored::kI16},
    {0x0C, Stored::kI32}, {0x0D, Stored::kF32}, {0x0E, Stored::kF64},
};

const IdxType* find_type(unsigned char code) {
  for (const IdxType& row : kIdxTypes) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

unsigned char code_of(DType dtype) {
  for (const IdxType& row : kIdxTypes) {
    if (row.stored == stored_as(dtype)) return row.code;
  }
  return 0;
}

IdxHeader parse_header(ByteStream& stream) {
  std::array<unsigned char, 4> magic;
  const std::size_t got = stream.read_some(magic.data(), magic.size());
  const IdxType* type = got == magic.size() ? find_type(magic[2]) : nullptr;
  if (type == nullptr || magic[0] != 0 || magic[1] != 0) {
    std::string found;
    for (std::size_t i = 0; i < got; ++i) found += fmt::format("{:02x} ", magic[i]);
    stream.fail_at(
        0, fmt::format("not an IDX file: expected 00 00, a type 08 to 0e and a rank, found {}"
                       "({})",
                       found, stream.exact() ? looks_like(stream.file().head(64)) : "gzip data"));
  }
  IdxHeader header{type->stored, {}};
  for (int axis = 0; axis < magic[3]; ++axis) {
    std::array<unsigned char, 4> size;
    stream.read(size.data(), size.size(), "sizes");
    header.sizes.push_back(std::uint64_t{size[0]} << 24 | std::uint64_t{size[1]} << 16 |
                           std::uint64_t{size[2]} << 8 | std::uint64_t{size[3]});
  }
  return header;
}

std::string kind_of(const IdxHeader& header) {
  return fmt::format("{} {}", name_of(header.stored), sizes_text(header.sizes));
}

struct Expected {
  std::size_t rank;
  const char* text;
};

Tensor read_as(const std::string& path, std::string_view op, std::optional<Expected> expected) {
  const InputFile file(path, op);
  ByteStream stream(file);
  const IdxHeader header = parse_header(stream);
  const bool fits =
      !expected || (header.stored == Stored::kU8 && header.sizes.size() == expected->rank);
  if (!fits) {
    const bool labels = header.sizes.size() == 1;
    const bool images = header.stored == Stored::kU8 && header.sizes.size() == 3;
    stream.fail_at(2, fmt::format("expected {}, found {}{}", expected->text, kind_of(header),
                                  labels   ? ": this is a file of labels"
                                  : images ? ": this is a file of images"
                                           : ""));
  }
  Tensor tensor = read_numbers(stream, header.stored, ByteOrder::kBig, header.sizes, kSizesOffset);
  stream.expect_end("the data of " + kind_of(header));
  return tensor;
}

void write_array(ByteSink& sink, const Tensor& tensor) {
  const auto& sizes = tensor.shape().sizes();
  std::string header{'\0', '\0', static_cast<char>(code_of(tensor.dtype())),
                     static_cast<char>(sizes.size())};
  for (std::int64_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(size >> shift & 255);
  }
  sink.write(header.data(), header.size());
  write_numbers(sink, tensor, ByteOrder::kBig);
}

void check_idx_tensor(const Tensor& tensor) {
  if (!tensor.defined()) throw Error("write_idx: the tensor is undefined");
  const auto& sizes = tensor.shape().sizes();
  bool fits = sizes.size() <= 255;
  for (std::int64_t size : sizes) fits = fits && size <= std::numeric_limits<std::uint32_t>::max();
  if (!fits) {
    throw Error("write_idx: IDX holds at most 255 axes of less than 2^32: " +
                to_string(tensor.shape()));
  }
}

}  // namespace

IdxHeader read_idx_header(const std::string& path) {
  const InputFile file(path, "read_idx_header");
  ByteStream stream(file);
  return parse_header(stream);
}

Tensor read_idx(const std::string& path) { return read_as(path, "read_idx", std::nullopt); }

std::optional<MappedArray> internal::mapped_idx(const std::string& path) {
  auto file = std::make_unique<InputFile>(path, "read_idx");
  ByteStream stream(*file);
  if (!stream.exact() || file->size() < kMappedBytes) return std::nullopt;
  const IdxHeader header = parse_header(stream);
  check_data_fit(stream, header.stored, header.sizes, kSizesOffset);
  const std::uint64_t first = stream.offset();
  const std::uint64_t end = first + *bytes_of(header.stored, header.sizes);
  ByteStream(*file, end, file->size(), Coding::kPlain).expect_end("the data of " + kind_of(header));
  return MappedArray(std::move(file), {header.stored, ByteOrder::kBig, header.sizes, first});
}

Tensor read_idx_images(const std::string& path) {
  return read_as(path, "read_idx_images", Expected{3, "images: u8 [N, H, W]"});
}

Tensor read_idx_labels(const std::string& path) {
  return read_as(path, "read_idx_labels", Expected{1, "labels: u8 [N]"});
}

void write_idx(const std::string& path, const Tensor& tensor) {
  check_idx_tensor(tensor);
  AtomicFile file(path, "write_idx");
  if (path.ends_with(".gz")) {
    GzipSink gzip(file);
    write_array(gzip, tensor);
    gzip.finish();
  } else {
    write_array(file, tensor);
  }
  file.commit();
}

}  // namespace hourglass

#include "tensor/files/npy.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/npy_header.h"
#include "tensor/files/numbers.h"
#include "tensor/kernels.h"

namespace hourglass {

using namespace internal;

namespace {

using internal::NpyHeader;

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxNpyHeader = std::size_t{1} << 20;

// The dictionary's text, whose length takes two bytes in version 1 and four from version 2 on.
std::string read_dictionary(ByteStream& stream) {
  const std::uint64_t start = stream.offset();
  std::array<char, 8> magic = {};
  const std::size_t got = stream.read_some(magic.data(), magic.size());
  if (!std::string_view(magic.data(), got).starts_with(kMagic)) {
    stream.fail_at(start, "not an NPY file: expected \\x93NUMPY and a version, found " +
                              looks_like({magic.data(), got}));
  }
  stream.read(magic.data() + got, magic.size() - got, "version");
  const int major = static_cast<unsigned char>(magic[6]);
  const int minor = static_cast<unsigned char>(magic[7]);
  if (major < 1 || major > 3) {
    stream.fail_at(start + 6, fmt::format("NPY version {}.{}: expected 1, 2 or 3", major, minor));
  }
  const std::uint64_t length_offset = stream.offset();
  std::array<unsigned char, 4> length = {};
  stream.read(length.data(), major == 1 ? 2 : 4, "header length");
  const std::size_t n = std::size_t{length[0]} | std::size_t{length[1]} << 8 |
                        std::size_t{length[2]} << 16 | std::size_t{length[3]} << 24;
  if (n > kMaxNpyHeader) {
    stream.fail_at(length_offset,
                   fmt::format("a header of {} bytes: expected at most {}", n, kMaxNpyHeader));
  }
  std::string text(n, '\0');
  stream.read(text.data(), n, "header");
  return text;
}

// The dictionary, and where it begins.
std::pair<NpyHeader, std::uint64_t> read_header(ByteStream& stream) {
  const std::string text = read_dictionary(stream);
  const std::uint64_t offset = stream.offset() - text.size();
  return {
      parse_npy_header(text, [&](std::size_t at,
                                 const std::string& what) { stream.fail_at(offset + at, what); }),
      offset};
}

// Fortran order is C order of the array with its axes reversed.
Tensor from_fortran(const Tensor& reversed) {
  std::vector<std::int64_t> sizes = reversed.shape().sizes();
  std::vector<int> permutation(sizes.size());
  std::iota(permutation.rbegin(), permutation.rend(), 0);
  std::reverse(sizes.begin(), sizes.end());
  Tensor x = Tensor::uninitialized(Shape(std::move(sizes)), reversed.dtype());
  kernels::transpose(x.dtype(), reversed.shape().sizes(), permutation, reversed.raw(), x.raw());
  return x;
}

std::string descr_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "<f4";
    case DType::kF64:
      return "<f8";
    case DType::kI32:
      return "<i4";
    case DType::kU8:
      break;
  }
  return "|u1";
}

}  // namespace

StoredTensor internal::read_npy(ByteStream& stream) {
  const auto [header, offset] = read_header(stream);
  std::vector<std::uint64_t> stored_sizes = header.sizes;
  if (header.fortran_order) std::reverse(stored_sizes.begin(), stored_sizes.end());
  Tensor tensor = read_numbers(stream, header.stored, header.order, stored_sizes, offset);
  stream.expect_end("the data of " + to_string(tensor.shape()));
  return {header.fortran_order ? from_fortran(tensor) : tensor, header.stored};
}

// The data start at a multiple of 64 bytes, as the format asks; the dictionary ends in a newline.
std::string internal::npy_header(const Shape& shape, DType dtype) {
  std::string sizes;
  for (std::int64_t size : shape.sizes()) sizes += fmt::format("{}, ", size);
  if (shape.rank() > 1) sizes.resize(sizes.size() - 2);
  if (shape.rank() == 1) sizes.resize(sizes.size() - 1);
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 descr_of(dtype), sizes);
  const std::size_t total = (kMagic.size() + 4 + text.size() + 1 + 63) / 64 * 64;
  const std::size_t length = total - kMagic.size() - 4;
  text.resize(length - 1, ' ');
  if (length > 65535) {
    throw Error("write_npy: too many axes for NPY version 1: " + std::to_string(shape.rank()));
  }
  std::string header(kMagic);
  header += {'\1', '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  return header + text + '\n';
}

void internal::write_npy(ByteSink& sink, const Tensor& tensor) {
  const std::string header = npy_header(tensor.shape(), tensor.dtype());
  sink.write(header.data(), header.size());
  write_numbers(sink, tensor, ByteOrder::kLittle);
}

StoredTensor internal::read_stored_npy(const std::string& path) {
  const InputFile file(path, "read_npy");
  ByteStream stream(file, 0, file.size(), Coding::kPlain);
  return internal::read_npy(stream);
}

std::optional<MappedArray> internal::mapped_npy(const std::string& path) {
  auto file = std::make_unique<InputFile>(path, "read_npy");
  if (file->size() < kMappedBytes) return std::nullopt;
  ByteStream stream(*file, 0, file->size(), Coding::kPlain);
  const auto [header, offset] = read_header(stream);
  if (header.fortran_order && header.sizes.size() > 1) return std::nullopt;
  check_data_fit(stream, header.stored, header.sizes, offset);
  const std::uint64_t first = stream.offset();
  const std::uint64_t end = first + *bytes_of(header.stored, header.sizes);
  ByteStream(*file, end, file->size(), Coding::kPlain)
      .expect_end("the data of " + sizes_text(header.sizes));
  return MappedArray(std::move(file), {header.stored, header.order, header.sizes, first});
}

Tensor read_npy(const std::string& path) { return read_stored_npy(path).value; }

ArrayHeader internal::read_npy_header(ByteStream& stream, std::string name) {
  NpyHeader header = read_header(stream).first;
  return {std::move(name), header.stored, std::move(header.sizes)};
}

bool internal::holds_bools(const std::string& path) {
  const InputFile file(path, "read_npy");
  ByteStream stream(file, 0, file.size(), Coding::kPlain);
  return read_header(stream).first.stored == Stored::kBool;
}

void write_npy(const std::string& path, const Tensor& tensor) {
  if (!tensor.defined()) throw Error("write_npy: the tensor is undefined");
  AtomicFile file(path, "write_npy");
  internal::write_npy(file, tensor);
  file.commit();
}

}  // namespace hourglass

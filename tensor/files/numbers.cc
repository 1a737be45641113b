#include "tensor/files/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "tensor/memory.h"

namespace hourglass {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

// Files store bool, f16 and bf16 in types of their own, so that a conversion is chosen by type.
struct Bool {
  std::uint8_t bits;
};
struct F16 {
  std::uint16_t bits;
};
struct BF16 {
  std::uint16_t bits;
};

template <class F>
decltype(auto) visit_stored(Stored stored, F&& f) {
  switch (stored) {
    case Stored::kBool:
      return f(Bool{});
    case Stored::kU8:
      return f(std::uint8_t{});
    case Stored::kI8:
      return f(std::int8_t{});
    case Stored::kU16:
      return f(std::uint16_t{});
    case Stored::kI16:
      return f(std::int16_t{});
    case Stored::kU32:
      return f(std::uint32_t{});
    case Stored::kI32:
      return f(std::int32_t{});
    case Stored::kU64:
      return f(std::uint64_t{});
    case Stored::kI64:
      return f(std::int64_t{});
    case Stored::kF16:
      return f(F16{});
    case Stored::kBF16:
      return f(BF16{});
    case Stored::kF32:
      return f(float{});
    case Stored::kF64:
      break;
  }
  return f(double{});
}

bool is_native(ByteOrder order) {
  return (order == ByteOrder::kLittle) == (std::endian::native == std::endian::little);
}

void swap_each(unsigned char* bytes, std::size_t n, std::size_t element) {
  for (std::size_t i = 0; i < n; i += element) std::reverse(bytes + i, bytes + i + element);
}

std::uint8_t converted(Bool x) { return x.bits != 0 ? 1 : 0; }
float converted(F16 x) { return from_f16(x.bits); }
float converted(BF16 x) { return from_bf16(x.bits); }
template <class T>
T converted(T x) requires(std::is_arithmetic_v<T>) {
  return x;
}

// The type that a tensor holds it in.
template <class From, class To = decltype(converted(From{}))>
using Loaded = std::conditional_t<std::is_integral_v<To> && !std::is_same_v<To, std::uint8_t>,
                                  std::int32_t, To>;

template <class From>
constexpr bool kMayNotFit = std::is_integral_v<From> &&
                            (sizeof(From) > 4 || std::is_same_v<From, std::uint32_t>);

template <class From>
From number_at(const unsigned char* from, bool swap) {
  std::array<unsigned char, sizeof(From)> bytes;
  std::memcpy(bytes.data(), from, sizeof(From));
  if (swap) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<From>(bytes);
}

// Converted one by one; only the integers that are wider than i32 can fail.
template <class From>
std::size_t load_converted(const unsigned char* from, bool swap, std::size_t n, Loaded<From>* to) {
  for (std::size_t i = 0; i < n; ++i) {
    const From x = number_at<From>(from + i * sizeof(From), swap);
    if constexpr (kMayNotFit<From>) {
      if (!std::in_range<std::int32_t>(x)) return i;
    }
    to[i] = static_cast<Loaded<From>>(converted(x));
  }
  return n;
}

// Chunk by chunk.
void read_converted(ByteStream& stream, Stored stored, ByteOrder order, Tensor& tensor) {
  const std::size_t size = size_of(stored), loaded = size_of(tensor.dtype());
  auto n = static_cast<std::size_t>(tensor.elements());
  auto* to = static_cast<char*>(tensor.raw());
  std::vector<unsigned char> chunk(std::min(kChunkBytes, n * size));
  while (n > 0) {
    const std::uint64_t start = stream.offset();
    const std::size_t count = std::min(n, chunk.size() / size);
    stream.read(chunk.data(), count * size, "data");
    const std::size_t good = load_numbers(stored, order, chunk.data(), count, to);
    if (good < count) {
      stream.fail_at(start + good * size, misfit_text(stored, order, chunk.data() + good * size));
    }
    to += count * loaded;
    n -= count;
  }
}

void read_directly(ByteStream& stream, bool swap, Tensor& tensor) {
  stream.read(tensor.raw(), tensor.bytes(), "data");
  if (swap) {
    swap_each(static_cast<unsigned char*>(tensor.raw()), tensor.bytes(), size_of(tensor.dtype()));
  }
}

// The sizes as a shape, once it is known that the data fit the rest of the stream, and memory.
Shape checked_shape(const ByteStream& stream, Stored stored,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset) {
  check_data_fit(stream, stored, sizes, sizes_offset);
  const std::uint64_t elements = *bytes_of(stored, sizes) / size_of(stored);
  const std::uint64_t memory = elements * size_of(loaded_as(stored));
  if (memory > internal::available_memory(memory)) {
    stream.fail_at(sizes_offset, fmt::format("sizes {} need {} of memory, more than is left",
                                             sizes_text(sizes), bytes_text(memory)));
  }
  return Shape(std::vector<std::int64_t>(sizes.begin(), sizes.end()));
}

}  // namespace

const EnumNames<Stored>& names_of(Stored) {
  static const EnumNames<Stored> names = {"stored",
                                          {{"bool", Stored::kBool},
                                           {"u8", Stored::kU8},
                                           {"i8", Stored::kI8},
                                           {"u16", Stored::kU16},
                                           {"i16", Stored::kI16},
                                           {"u32", Stored::kU32},
                                           {"i32", Stored::kI32},
                                           {"u64", Stored::kU64},
                                           {"i64", Stored::kI64},
                                           {"f16", Stored::kF16},
                                           {"bf16", Stored::kBF16},
                                           {"f32", Stored::kF32},
                                           {"f64", Stored::kF64}}};
  return names;
}

std::size_t size_of(Stored stored) {
  return visit_stored(stored, [](auto zero) { return sizeof(zero); });
}

DType loaded_as(Stored stored) {
  return visit_stored(stored, [](auto zero) { return dtype_of<Loaded<decltype(zero)>>(); });
}

Stored stored_as(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return Stored::kF32;
    case DType::kF64:
      return Stored::kF64;
    case DType::kI32:
      return Stored::kI32;
    case DType::kU8:
      break;
  }
  return Stored::kU8;
}

std::optional<std::uint64_t> bytes_of(Stored stored, const std::vector<std::uint64_t>& sizes) {
  constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 59;
  std::uint64_t nonzero = 1;
  bool empty = false;
  for (std::uint64_t size : sizes) {
    empty = empty || size == 0;
    if (size > 0 && nonzero > kMaxElements / size) return std::nullopt;
    nonzero *= std::max<std::uint64_t>(size, 1);
  }
  return empty ? 0 : nonzero * size_of(stored);
}

std::string sizes_text(const std::vector<std::uint64_t>& sizes) {
  std::string text;
  for (std::uint64_t size : sizes) text += (text.empty() ? "[" : ", ") + std::to_string(size);
  return text.empty() ? "[]" : text + "]";
}

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 31U;
  const std::uint32_t mantissa = bits & 1023U;
  if (exponent == 0) {  // zero and the subnormals: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (mantissa << 13));
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

bool may_not_fit(Stored stored) {
  return visit_stored(stored, [](auto zero) { return kMayNotFit<decltype(zero)>; });
}

std::string misfit_text(Stored stored, ByteOrder order, const void* number) {
  return visit_stored(stored, [&](auto zero) -> std::string {
    using From = decltype(zero);
    if constexpr (std::is_integral_v<From>) {
      const auto* bytes = static_cast<const unsigned char*>(number);
      return fmt::format("the value {} does not fit i32",
                         number_at<From>(bytes, !is_native(order)));
    } else {
      return {};
    }
  });
}

std::size_t load_numbers(Stored stored, ByteOrder order, const void* from, std::size_t n,
                         void* to) {
  const bool swap = !is_native(order);
  return visit_stored(stored, [&](auto zero) {
    using From = decltype(zero);
    if constexpr (std::is_same_v<From, Loaded<From>>) {
      std::memcpy(to, from, n * sizeof(From));
      if (swap) swap_each(static_cast<unsigned char*>(to), n * sizeof(From), sizeof(From));
      return n;
    } else {
      return load_converted<From>(static_cast<const unsigned char*>(from), swap, n,
                                  static_cast<Loaded<From>*>(to));
    }
  });
}

void check_data_fit(const ByteStream& stream, Stored stored,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset) {
  const std::optional<std::uint64_t> bytes = bytes_of(stored, sizes);
  if (!bytes) {
    stream.fail_at(sizes_offset,
                   fmt::format("sizes {} have more than 2^59 elements", sizes_text(sizes)));
  }
  if (*bytes <= stream.at_most()) return;
  stream.fail_at(sizes_offset, fmt::format("sizes {} need {} of data, but {} {} follow",
                                           sizes_text(sizes), bytes_text(*bytes),
                                           stream.exact() ? "only" : "at most", stream.at_most()));
}

Tensor read_numbers(ByteStream& stream, Stored stored, ByteOrder order,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset) {
  Tensor tensor =
      Tensor::uninitialized(checked_shape(stream, stored, sizes, sizes_offset), loaded_as(stored));
  if (stored_as(tensor.dtype()) == stored) {
    read_directly(stream, !is_native(order), tensor);
  } else {
    read_converted(stream, stored, order, tensor);
  }
  return tensor;
}

void write_numbers(ByteSink& sink, const Tensor& tensor, ByteOrder order) {
  const auto* bytes = static_cast<const unsigned char*>(tensor.raw());
  if (is_native(order)) {
    sink.write(bytes, tensor.bytes());
    return;
  }
  std::vector<unsigned char> chunk;
  for (std::size_t done = 0; done < tensor.bytes(); done += chunk.size()) {
    const std::size_t n = std::min(kChunkBytes, tensor.bytes() - done);
    chunk.assign(bytes + done, bytes + done + n);
    swap_each(chunk.data(), n, size_of(tensor.dtype()));
    sink.write(chunk.data(), n);
  }
}

}  // namespace hourglass

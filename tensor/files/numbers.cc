#include "tensor/files/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "tensor/memory.h"

namespace hourglass {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr std::uint64_t kAlwaysThere = std::uint64_t{1} << 20;  // not worth a look at the system

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
constexpr bool may_not_fit = std::is_integral_v<From> &&
                             (sizeof(From) > 4 || std::is_same_v<From, std::uint32_t>);

// Converts chunk by chunk; only the integers that are wider than i32 can fail.
template <class From>
void read_converted(ByteStream& stream, bool swap, Loaded<From>* to, std::size_t n) {
  std::vector<unsigned char> chunk(std::min(kChunkBytes, n * sizeof(From)));
  while (n > 0) {
    const std::uint64_t start = stream.offset();
    const std::size_t count = std::min(n, chunk.size() / sizeof(From));
    stream.read(chunk.data(), count * sizeof(From), "data");
    if (swap) swap_each(chunk.data(), count * sizeof(From), sizeof(From));
    for (std::size_t i = 0; i < count; ++i) {
      From x;
      std::memcpy(&x, chunk.data() + i * sizeof(From), sizeof(From));
      if constexpr (may_not_fit<From>) {
        if (!std::in_range<std::int32_t>(x)) {
          stream.fail_at(start + i * sizeof(From), fmt::format("the value {} does not fit i32", x));
        }
      }
      *to++ = static_cast<Loaded<From>>(converted(x));
    }
    n -= count;
  }
}

void read_directly(ByteStream& stream, bool swap, Tensor& tensor) {
  stream.read(tensor.raw(), tensor.bytes(), "data");
  if (swap) {
    swap_each(static_cast<unsigned char*>(tensor.raw()), tensor.bytes(), size_of(tensor.dtype()));
  }
}

// The sizes as a shape, once it is known that the data fit the rest of the stream.
Shape checked_shape(const ByteStream& stream, Stored stored,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset) {
  const std::optional<std::uint64_t> bytes = bytes_of(stored, sizes);
  if (!bytes) {
    stream.fail_at(sizes_offset,
                   fmt::format("sizes {} have more than 2^59 elements", sizes_text(sizes)));
  }
  if (*bytes > stream.at_most()) {
    stream.fail_at(
        sizes_offset,
        fmt::format("sizes {} need {} of data, but {} {} follow", sizes_text(sizes),
                    bytes_text(*bytes), stream.exact() ? "only" : "at most", stream.at_most()));
  }
  const std::uint64_t memory = *bytes / size_of(stored) * size_of(loaded_as(stored));
  if (memory > kAlwaysThere && memory > internal::available_memory()) {
    stream.fail_at(sizes_offset, fmt::format("sizes {} need {} of memory, more than is left",
                                             sizes_text(sizes), bytes_text(memory)));
  }
  return Shape(std::vector<std::int64_t>(sizes.begin(), sizes.end()));
}

}  // namespace

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

Tensor read_numbers(ByteStream& stream, Stored stored, ByteOrder order,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset) {
  Tensor tensor =
      Tensor::uninitialized(checked_shape(stream, stored, sizes, sizes_offset), loaded_as(stored));
  const bool swap = !is_native(order);
  visit_stored(stored, [&](auto zero) {
    using From = decltype(zero);
    if constexpr (std::is_same_v<From, Loaded<From>>) {
      read_directly(stream, swap, tensor);
    } else {
      read_converted<From>(stream, swap, tensor.data<Loaded<From>>(),
                           static_cast<std::size_t>(tensor.elements()));
    }
  });
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

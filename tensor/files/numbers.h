#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/enum_names.h"
#include "tensor/files/byte_sink.h"
#include "tensor/files/byte_stream.h"
#include "tensor/tensor.h"

namespace hourglass {

// The element types that files hold. What no tensor holds is converted on reading, always exactly:
// bool becomes u8 (0 or 1: any byte but 0 is 1); i8, u16, i16 become i32; u32, u64, i64 become i32,
// and a value outside its range is an error that names its offset; f16 and bf16 become f32.
enum class Stored : std::uint8_t {
  kBool,
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kU64,
  kI64,
  kF16,
  kBF16,
  kF32,
  kF64
};

// Numbers as a tensor has them, and what the file has them as.
struct StoredTensor {
  Tensor value;
  Stored stored = Stored::kF32;
};

// One of the arrays of a file, without its numbers.
struct ArrayHeader {
  std::string name;
  Stored stored = Stored::kF32;
  std::vector<std::uint64_t> sizes;
};

const EnumNames<Stored>& names_of(Stored);  // "bool", "u8", ..., "bf16", "f32", "f64"
std::size_t size_of(Stored stored);         // bytes an element
DType loaded_as(Stored stored);             // the rule above
Stored stored_as(DType dtype);

// IEEE binary16 and bfloat16 (the upper half of an f32), exactly. A NaN stays one.
float from_f16(std::uint16_t bits);
float from_bf16(std::uint16_t bits);

enum class ByteOrder : std::uint8_t { kLittle, kBig };

// The bytes that an array of these sizes takes in a file; nothing when it has more than 2^59
// elements, the most that a Shape holds (sizes of 0 are left out of that product).
std::optional<std::uint64_t> bytes_of(Stored stored, const std::vector<std::uint64_t>& sizes);

std::string sizes_text(const std::vector<std::uint64_t>& sizes);  // "[60000, 28, 28]"

// Whether the type has numbers that do not fit i32, and an error's words about the one that is here.
bool may_not_fit(Stored stored);
std::string misfit_text(Stored stored, ByteOrder order, const void* number);

// n numbers as a file has them, converted to those of a tensor of loaded_as(stored). Returns how
// many: fewer than n where the next one does not fit.
std::size_t load_numbers(Stored stored, ByteOrder order, const void* from, std::size_t n, void* to);

// FileError at `sizes_offset`, where the file states them, when an array of these sizes has too many
// elements, or more than the stream can still hold.
void check_data_fit(const ByteStream& stream, Stored stored,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset);

// A tensor of these sizes from the next bytes. The sizes are compared with what the stream can
// still hold before memory is asked for: FileError at `sizes_offset`, where the file states them,
// when it is less.
Tensor read_numbers(ByteStream& stream, Stored stored, ByteOrder order,
                    const std::vector<std::uint64_t>& sizes, std::uint64_t sizes_offset);

// The elements of a tensor in row-major order.
void write_numbers(ByteSink& sink, const Tensor& tensor, ByteOrder order);

}  // namespace hourglass

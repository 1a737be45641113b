#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/byte_sink.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/mapped_array.h"
#include "tensor/files/named_tensor.h"
#include "tensor/files/numbers.h"
#include "tensor/tensor.h"

namespace hourglass {

// NumPy's array file (numpy.lib.format), versions 1, 2 and 3, either byte order, C or Fortran
// order. f32, f64, i32 and u8 as they are; bool, the other integers and f16 by the rule of
// numbers.h. Throws FileError, naming file and offset, for anything else: objects, strings, complex
// numbers, structures.
Tensor read_npy(const std::string& path);

// Version 1, little-endian, C order. Equal tensors give equal bytes.
void write_npy(const std::string& path, const Tensor& tensor);

// NumPy's archive of arrays: a ZIP file with one x.npy for each name x, stored or deflated.
std::vector<NamedTensor> read_npz(const std::string& path);
// One of them; the others are not read.
Tensor read_npz(const std::string& path, std::string_view name);

// Stored (not compressed), without times: equal tensors give equal bytes. Names must differ and
// must not be empty, absolute or hold ".."; the archive stays below 4 GiB. Throws Error otherwise.
void write_npz(const std::string& path, const std::vector<NamedTensor>& tensors);

namespace internal {

StoredTensor read_npy(ByteStream& stream);
StoredTensor read_stored_npy(const std::string& path);
// The array where it lies, checked as on reading; nothing for a file below kMappedBytes, and for
// one in Fortran order of two axes or more.
std::optional<MappedArray> mapped_npy(const std::string& path);

// What an archive holds, without the data: arrays of a type that read_npy refuses are left out.
std::vector<ArrayHeader> npz_arrays(const std::string& path);
StoredTensor read_stored_npz(const std::string& path, std::string_view name);

// Whether the file's numbers are truth values, which read_npy gives as u8 0 and 1.
bool holds_bools(const std::string& path);
// The sizes and the type of the array that the stream begins with.
ArrayHeader read_npy_header(ByteStream& stream, std::string name);
std::string npy_header(const Shape& shape, DType dtype);
void write_npy(ByteSink& sink, const Tensor& tensor);

}  // namespace internal
}  // namespace hourglass

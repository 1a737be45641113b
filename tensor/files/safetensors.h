#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/byte_sink.h"
#include "tensor/files/mapped_array.h"
#include "tensor/files/named_tensor.h"
#include "tensor/files/numbers.h"
#include "tensor/tensor.h"

namespace hourglass {

// The safetensors format (github.com/huggingface/safetensors): the length of the header as a
// little-endian u64, the header as JSON padded with spaces to a multiple of 8 bytes, and the
// tensors one after the other without a hole.

struct Safetensors {
  std::vector<NamedTensor> tensors;             // in the order of their data
  std::map<std::string, std::string> metadata;  // "__metadata__"

  const Tensor* find(std::string_view name) const;  // nullptr when there is none
};

// F32, F64, I32 and U8 as they are; F16, BF16, BOOL and the other integers by the rule of
// numbers.h. Throws FileError, naming file and offset: a header that breaks off, is longer than 100
// MB, is not JSON or is not of the format's form, an unknown dtype, a name twice, offsets that
// overlap or leave a hole or do not match dtype and shape, data that break off, bytes after the
// data.
Safetensors read_safetensors(const std::string& path);

// Equal arguments give equal bytes. Names must differ; they and the metadata must be UTF-8. Throws
// Error.
void write_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {},
                       Durability durability = Durability::kFast);
// The bytes of such a file, wherever they go.
void write_safetensors(ByteSink& sink, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

namespace internal {

// What a file says of itself, "__metadata__".
std::map<std::string, std::string> safetensors_metadata(const std::string& path);

// What a file holds, without the data, in their order; and the data of one of them.
std::vector<ArrayHeader> safetensors_arrays(const std::string& path);
StoredTensor read_stored_safetensors(const std::string& path, std::string_view name);
// The one where it lies; nothing where the file is below kMappedBytes.
std::optional<MappedArray> mapped_safetensors(const std::string& path, std::string_view name);

}  // namespace internal
}  // namespace hourglass

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tensor/files/numbers.h"
#include "tensor/tensor.h"

namespace hourglass {

class InputFile;

// An array [N, ...] that stays in its file, which is mapped: rows are read, and converted by the
// rule of numbers.h, when they are asked for. Copies share the mapping. While there is one, the file
// is not to be written to; one that has become shorter is an error.
class MappedArray {
 public:
  // Where its numbers lie in the file.
  struct Place {
    Stored stored = Stored::kF32;
    ByteOrder order = ByteOrder::kLittle;
    std::vector<std::uint64_t> sizes;
    std::uint64_t first_byte = 0;
  };
  // The place must lie in the file. FileError where it cannot be mapped, and for integers that do
  // not fit i32: of the types that have such, all are looked at.
  MappedArray(std::unique_ptr<InputFile> file, const Place& place);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return loaded_as(stored()); }
  Stored stored() const;
  MappedArray reshape(const Shape& shape) const;  // as many numbers, else Error

  // Rows `ids`, `count` of them: [count, ...]. Throws Error for a row that does not exist, and
  // FileError where the file has become shorter. Several threads may ask at once.
  Tensor gather(const std::int32_t* ids, std::int64_t count) const;

 private:
  struct Mapping;

  std::shared_ptr<const Mapping> mapping_;
  Shape shape_{0};
};

namespace internal {

// Files from here on are mapped; what is smaller costs little, and may change once it was read.
inline constexpr std::uint64_t kMappedBytes = std::uint64_t{64} << 20;

}  // namespace internal
}  // namespace hourglass

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/files/mapped_array.h"
#include "tensor/files/numbers.h"
#include "tensor/tensor.h"

namespace hourglass {

// IDX, the format of MNIST (Y. LeCun, "The MNIST database of handwritten digits"): two zero bytes,
// a type, a rank, that many big-endian u32 sizes, the numbers in big-endian row-major order.

struct IdxHeader {
  Stored stored = Stored::kU8;
  std::vector<std::uint64_t> sizes;
};

// What a file says it holds; the data are not looked at.
IdxHeader read_idx_header(const std::string& path);

// The whole file, plain or gzip (told by the content). u8, i32, f32 and f64 as they are, i8 and i16
// as i32; any rank. Throws FileError, naming file and offset, for anything but exactly one complete
// array.
Tensor read_idx(const std::string& path);

namespace internal {

// The array where it lies, checked as on reading; nothing for gzip data and for a file below
// kMappedBytes.
std::optional<MappedArray> mapped_idx(const std::string& path);

}  // namespace internal

// The same for images, u8 [N, H, W], and for labels, u8 [N]: a label file in place of images is
// named as what it is, before its data are read.
Tensor read_idx_images(const std::string& path);
Tensor read_idx_labels(const std::string& path);

// Plain, or gzip where the name ends in ".gz"; equal tensors give equal bytes.
void write_idx(const std::string& path, const Tensor& tensor);

}  // namespace hourglass

#pragma once

#include <cstdint>
#include <string>

#include "tensor/tensor.h"

namespace hourglass::ae {

// Examples as the quantised codes of a model, which alone can say what they stand for.
struct CompressedCodes {
  std::string model;    // its hash, model_sha256
  std::string kind;     // of the examples: "image"
  Shape example;        // of one of them
  std::string dtype;    // of their numbers, "u8"
  Tensor symbols;       // i32 [N, S]: steps of a quantiser, or places in a codebook
  Tensor means, steps;  // f32 [S] of a CodeQuantiser; undefined for a codebook
};

// As a file: a line that names the format, then one frame of zstd with its checksum, in which a header
// of JSON says what is above and the symbols stand column by column, in as many bytes as the largest
// needs. Equal codes leave equal bytes. Returns how many. Throws FileError where it cannot be written.
std::uint64_t write_compressed(const std::string& path, const CompressedCodes& codes);

// Throws FileError, in one line, for what is no such file, is cut off or has been changed.
CompressedCodes read_compressed(const std::string& path);

}  // namespace hourglass::ae

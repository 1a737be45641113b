#pragma once

#include <cstdint>
#include <string>

#include "tensor/tensor.h"

namespace hourglass::bench {

// A file that is gone when this is.
class ScratchFile {
 public:
  ScratchFile();  // Error where no temporary file can be made
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Small grey images u8 [N, H, W] as one picture, so that the head of a file is shared by them all, in
// lines of 50: each framed by its own border up to a multiple of 8 pixels, the blocks that codecs cut.
Tensor sheet_of(const Tensor& images);
Tensor images_in(const Tensor& sheet, const Shape& images);  // as they were

// What is left of a picture u8 [h, w] by a codec, and in how many bytes.
struct Coded {
  std::uint64_t bytes = 0;
  Tensor picture;  // u8 [h, w]
};

Coded jpeg_coded(const Tensor& picture, int quality);  // 1 to 100

// WebP, of quality 0 to 100, or without loss. Error where the program was built without libwebp.
constexpr int kLossless = -1;
Coded webp_coded(const Tensor& picture, int quality);
bool has_webp();

}  // namespace hourglass::bench

#include "bench/baselines/codecs.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/jpeg.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kColumns = 50, kBlock = 8;

std::int64_t framed(std::int64_t side) { return (side + kBlock - 1) / kBlock * kBlock; }

// Where pixel (y, x) of the place of image i lies in the sheet, and in the images.
struct Sheet {
  std::int64_t count, height, width;

  std::int64_t columns() const { return std::min(count, kColumns); }
  std::int64_t rows() const { return (count + columns() - 1) / columns(); }
  Shape shape() const { return {rows() * framed(height), columns() * framed(width)}; }

  std::int64_t at(std::int64_t i, std::int64_t y, std::int64_t x) const {
    const std::int64_t line = i / columns() * framed(height) + y;
    return line * columns() * framed(width) + i % columns() * framed(width) + x;
  }
  // Half of the frame lies ahead of the image.
  std::int64_t first(std::int64_t side) const { return (framed(side) - side) / 2; }
};

Sheet sheet_for(const Shape& images) { return {images[0], images[1], images[2]}; }

}  // namespace

ScratchFile::ScratchFile() : path_(std::filesystem::temp_directory_path() / "hourglass-XXXXXX") {
  const int descriptor = ::mkstemp(path_.data());
  if (descriptor < 0) throw Error("codecs: cannot make a temporary file");
  ::close(descriptor);
}

ScratchFile::~ScratchFile() { ::unlink(path_.c_str()); }

Tensor sheet_of(const Tensor& images) {
  const Sheet sheet = sheet_for(images.shape());
  Tensor all(sheet.shape(), DType::kU8);
  const std::uint8_t* from = images.data<std::uint8_t>();
  for (std::int64_t i = 0; i < sheet.count; ++i) {
    for (std::int64_t y = 0; y < framed(sheet.height); ++y) {
      for (std::int64_t x = 0; x < framed(sheet.width); ++x) {
        const std::int64_t v =
            std::clamp<std::int64_t>(y - sheet.first(sheet.height), 0, sheet.height - 1);
        const std::int64_t u =
            std::clamp<std::int64_t>(x - sheet.first(sheet.width), 0, sheet.width - 1);
        all.data<std::uint8_t>()[sheet.at(i, y, x)] =
            from[(i * sheet.height + v) * sheet.width + u];
      }
    }
  }
  return all;
}

Tensor images_in(const Tensor& picture, const Shape& images) {
  const Sheet sheet = sheet_for(images);
  Tensor all(images, DType::kU8);
  std::uint8_t* to = all.data<std::uint8_t>();
  for (std::int64_t i = 0; i < sheet.count; ++i) {
    for (std::int64_t y = 0; y < sheet.height; ++y) {
      for (std::int64_t x = 0; x < sheet.width; ++x) {
        *to++ = picture.data<std::uint8_t>()[sheet.at(i, y + sheet.first(sheet.height),
                                                      x + sheet.first(sheet.width))];
      }
    }
  }
  return all;
}

Coded jpeg_coded(const Tensor& picture, int quality) {
  const std::string bytes = jpeg_bytes(picture, quality);
  const ScratchFile scratch;
  internal::AtomicFile file(scratch.path(), "codecs");
  file.write(bytes);
  file.commit();
  return {bytes.size(), read_jpeg(scratch.path())};
}

}  // namespace hourglass::bench

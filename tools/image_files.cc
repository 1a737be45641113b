#include "tools/image_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "nn/data/images.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/images.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kOneLine = 12;  // images that a sheet shows side by side

bool ends_with(const std::string& path, std::string_view ending) {
  return path.size() > ending.size() && path.ends_with(ending);
}

[[noreturn]] void wrong_size(const std::string& path, const Shape& shape, std::int64_t height,
                             std::int64_t width) {
  throw FileError(fmt::format("images: {}: sizes differ: {} for a model of {} by {}", path,
                              to_string(shape), height, width));
}

Tensor from_npy(const std::string& path, std::int64_t height, std::int64_t width) {
  Tensor t = read_npy(path);
  const Shape& s = t.shape();
  const bool flat = s.rank() == 2 && s[1] == height * width;
  if (flat) t = t.reshape(Shape{s[0], height, width});
  if (!flat && s.rank() == 2) t = t.reshape(s.with_axis(0, 1));
  if (t.shape().rank() != 3) wrong_size(path, t.shape(), height, width);
  if (t.elements() == 0) throw FileError(fmt::format("images: {}: holds no images", path));
  if (internal::holds_bools(path)) {  // black and white
    std::uint8_t* bits = t.data<std::uint8_t>();
    for (std::int64_t i = 0; i < t.elements(); ++i) bits[i] *= 255;
  }
  if (t.dtype() == DType::kU8) return t;
  t = t.cast(DType::kF32);
  for (std::int64_t i = 0; i < t.elements(); ++i) {
    if (t.at(i) >= 0 && t.at(i) <= 1) continue;
    throw FileError(
        fmt::format("images: {}: number {} is {}: expected numbers from 0 to 1, or unsigned bytes",
                    path, i, t.at(i)));
  }
  return t;
}

Tensor from_folder(const std::string& path) {
  const std::vector<std::string> files = nn::png_files(path);
  if (files.empty()) throw FileError(fmt::format("images: {}: a folder without PNG files", path));
  return nn::load_png_images(files);
}

// Images of another size are refused, or padded.
Tensor fitted(Tensor t, const std::string& path, std::int64_t height, std::int64_t width,
              bool pad) {
  const bool smaller = t.shape()[1] <= height && t.shape()[2] <= width;
  if (pad && smaller) t = nn::pad_images(t, height);
  if (t.shape()[1] != height || t.shape()[2] != width) wrong_size(path, t.shape(), height, width);
  return t;
}

}  // namespace

Tensor read_image_file(const std::string& path, std::int64_t height, std::int64_t width, bool pad) {
  Tensor t = std::filesystem::is_directory(path) ? from_folder(path)
             : ends_with(path, ".npy")           ? from_npy(path, height, width)
             : nn::is_png(path)                  ? nn::load_png_images({path})
                                                 : nn::load_images(path);
  return fitted(std::move(t), path, height, width, pad);
}

Tensor read_image_files(const std::vector<std::string>& paths, std::int64_t height,
                        std::int64_t width, bool pad) {
  if (paths.size() == 1) return read_image_file(paths[0], height, width, pad);
  for (const std::string& path : paths) {
    if (nn::is_png(path)) continue;
    throw Error(fmt::format("images: of several files each must be a PNG: got {}", path));
  }
  return fitted(nn::load_png_images(paths), paths[0], height, width, pad);
}

void check_image_output(const std::string& path) {
  for (const char* ending : {".idx", ".idx.gz", ".npy", ".png"}) {
    if (ends_with(path, ending)) return;
  }
  throw Error(
      fmt::format("output: {}: expected a name that ends in .idx, .idx.gz, .npy or .png", path));
}

void write_image_file(const std::string& path, const Tensor& pixels, int columns) {
  if (ends_with(path, ".npy")) {
    write_npy(path, pixels);
  } else if (!ends_with(path, ".png")) {
    write_idx(path, to_u8_image(pixels));
  } else if (pixels.shape()[0] == 1) {
    write_png(path, to_u8_image(pixels).reshape(pixels.shape().without_axis(0)));
  } else {
    const std::int64_t n = pixels.shape()[0];
    if (columns == 0 && n <= kOneLine) columns = static_cast<int>(n);
    const int scale = std::max(pixels.shape()[1], pixels.shape()[2]) <= 64 ? 2 : 1;
    write_png(path, image_grid(to_u8_image(pixels), {.columns = columns, .scale = scale}));
  }
}

}  // namespace hourglass::tools

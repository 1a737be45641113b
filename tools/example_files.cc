#include "tools/example_files.h"

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
#include "tools/pictures.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kOneLine = 12;  // images that a sheet shows side by side

bool ends_with(const std::string& path, std::string_view ending) {
  return path.size() > ending.size() && path.ends_with(ending);
}

// A flat image stands as [N, pixels]; one image as [H, W].
Tensor from_npy(const std::string& path, const Shape& example) {
  Tensor t = read_npy(path);
  const Shape& s = t.shape();
  const std::int64_t height = example[1], width = example[2];
  const bool flat = s.rank() == 2 && s[1] == height * width;
  if (flat) t = t.reshape(Shape{s[0], height, width});
  if (!flat && s.rank() == 2) t = t.reshape(s.with_axis(0, 1));
  if (t.shape().rank() != 3) {
    throw FileError(
        fmt::format("images: {}: expected [N, H, W]: got {}", path, to_string(t.shape())));
  }
  if (t.elements() == 0) throw FileError(fmt::format("images: {}: holds no images", path));
  t = t.reshape(t.shape().with_axis(1, 1));
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

Tensor read_one(const std::string& path, const Shape& example) {
  if (std::filesystem::is_directory(path)) return from_folder(path);
  if (ends_with(path, ".npy")) return from_npy(path, example);
  return nn::is_png(path) ? nn::load_png_images({path}) : nn::load_images(path);
}

Tensor read_all(const std::vector<std::string>& paths, const Shape& example) {
  if (paths.size() == 1) return read_one(paths[0], example);
  for (const std::string& path : paths) {
    if (nn::is_png(path)) continue;
    throw Error(fmt::format("images: of several files each must be a PNG: got {}", path));
  }
  return nn::load_png_images(paths);
}

}  // namespace

nn::DataSet read_examples(const char* who, const std::vector<std::string>& paths,
                          const RunConfig& run) {
  const Shape wanted = run.spec.example_shape();
  nn::DataSet data{.examples = read_all(paths, wanted), .source = paths[0]};
  const Shape got = data.example_shape();
  if (run.pad > 0 && got[1] <= wanted[1] && got[2] <= wanted[2]) {
    data.examples = nn::pad_images(data.examples, run.pad);
  }
  check_examples(who, run, data);
  return data;
}

void check_output(const std::string& path) {
  for (const char* ending : {".idx", ".idx.gz", ".npy", ".png"}) {
    if (ends_with(path, ending)) return;
  }
  throw Error(
      fmt::format("output: {}: expected a name that ends in .idx, .idx.gz, .npy or .png", path));
}

void write_examples(const std::string& path, const Tensor& pixels, int columns) {
  const std::int64_t n = pixels.shape()[0];
  if (ends_with(path, ".png")) {
    const Tensor images = pictures(pixels);
    if (n == 1) return write_png(path, images.reshape(images.shape().without_axis(0)));
    if (columns == 0 && n <= kOneLine) columns = static_cast<int>(n);
    const int scale = std::max(pixels.shape()[2], pixels.shape()[3]) <= 64 ? 2 : 1;
    return write_png(path, image_grid(images, {.columns = columns, .scale = scale}));
  }
  const Tensor kept =
      pixels.shape()[1] == 1 ? pixels.reshape(pixels.shape().without_axis(1)) : pixels;
  if (ends_with(path, ".npy")) return write_npy(path, kept);
  write_idx(path, to_u8_image(kept));
}

}  // namespace hourglass::tools

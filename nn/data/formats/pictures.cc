#include "nn/data/formats/pictures.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "nn/data/formats/format.h"
#include "nn/data/formats/image_sizes.h"
#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/kernels.h"
#include "tensor/memory.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// [H, W] or [H, W, 3] as [1, C, H, W].
Tensor as_planes(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape.rank() == 2) return picture.reshape({1, 1, shape[0], shape[1]});
  Tensor planes = Tensor::uninitialized({1, shape[2], shape[0], shape[1]}, picture.dtype());
  kernels::transpose(picture.dtype(), shape.sizes(), std::array{2, 0, 1}, picture.raw(),
                     planes.raw());
  return planes;
}

// u8 levels as f32 in [0, 1].
Tensor as_real(const Tensor& images) {
  Tensor real = images.cast(DType::kF32);
  auto* x = real.data<float>();
  for (std::int64_t i = 0; i < real.elements(); ++i) x[i] /= 255;
  return real;
}

// [N, 1, H, W] as [N, 3, H, W], each plane thrice.
Tensor in_colour(const Tensor& grey) {
  const Shape& shape = grey.shape();
  Tensor colour = Tensor::uninitialized({shape[0], 3, shape[2], shape[3]}, grey.dtype());
  const std::size_t plane = grey.bytes() / static_cast<std::size_t>(shape[0]);
  const auto* from = static_cast<const char*>(grey.raw());
  auto* to = static_cast<char*>(colour.raw());
  for (std::int64_t i = 0; i < shape[0]; ++i, from += plane) {
    for (int c = 0; c < 3; ++c, to += plane) std::memcpy(to, from, plane);
  }
  return colour;
}

bool has_colours(const Tensor& images) {
  const Shape& shape = images.shape();
  const std::size_t plane = images.bytes() / static_cast<std::size_t>(shape[0] * shape[1]);
  const auto* at = static_cast<const char*>(images.raw());
  for (std::int64_t i = 0; i < shape[0]; ++i, at += 3 * plane) {
    if (std::memcmp(at, at + plane, plane) != 0) return true;
    if (std::memcmp(at, at + 2 * plane, plane) != 0) return true;
  }
  return false;
}

Tensor first_channel(const Tensor& colour) {
  const Shape& shape = colour.shape();
  Tensor grey = Tensor::uninitialized({shape[0], 1, shape[2], shape[3]}, colour.dtype());
  const std::size_t plane = grey.bytes() / static_cast<std::size_t>(shape[0]);
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape[0]); ++i) {
    std::memcpy(static_cast<char*>(grey.raw()) + i * plane,
                static_cast<const char*>(colour.raw()) + 3 * i * plane, plane);
  }
  return grey;
}

// Pictures one after the other in one array, which gets colours or real numbers when the first
// picture of these comes.
class PictureStack {
 public:
  PictureStack(std::size_t count, const ReadOptions& options)
      : count_(static_cast<std::int64_t>(count)), options_(options) {}

  void add(const std::string& path) {
    Tensor planes = as_planes(read(path));
    if (options_.grey) planes = grey_images(planes);
    if (options_.resize) planes = resized_images(planes, *options_.resize);
    if (used_ == 0) start(path, planes);
    check_size(path, planes.shape());
    agree(planes);
    std::memcpy(
        static_cast<char*>(images_.raw()) + static_cast<std::size_t>(used_) * planes.bytes(),
        planes.raw(), planes.bytes());
    ++used_;
  }

  // Those of the model's width where there is one; else grey ones that were saved in colour are grey.
  Tensor images(std::vector<std::string>& notes) const {
    const Shape& shape = images_.shape();
    const std::int64_t width = options_.schema ? options_.schema->width : 0;
    if (shape[1] == 1) return width == 3 * shape[2] * shape[3] ? in_colour(images_) : images_;
    if (width == shape.product(1, 4) || has_colours(images_)) return images_;
    notes.emplace_back("the pictures are grey, though saved in colour: taken as grey");
    return first_channel(images_);
  }

 private:
  Tensor read(const std::string& path) const {
    const DataFile file = look_at(path);
    const Format* format = format_of(file, options_);
    if (format == nullptr || format->picture == nullptr) {
      fail_data(path, "expected a picture, found " + looks_like(file.head.substr(0, 64)));
    }
    return format->picture(path, options_);
  }

  void start(const std::string& path, const Tensor& planes) {
    first_ = path;
    allocate(planes.shape().without_axis(0).with_axis(0, count_), planes.dtype());
  }

  void allocate(const Shape& shape, DType dtype) {
    check_memory("data", "the pictures",
                 static_cast<std::size_t>(shape.elements()) * size_of(dtype));
    images_ = Tensor::uninitialized(shape, dtype);
  }

  void check_size(const std::string& path, const Shape& shape) const {
    const Shape& first = images_.shape();
    if (shape[2] == first[2] && shape[3] == first[3]) return;
    fail_data(path, fmt::format("{}x{} pixels: {} has {}x{}: say one size for all (--resize)",
                                shape[2], shape[3], printable(first_), first[2], first[3]));
  }

  // Both in colour if one is, both real if one is.
  void agree(Tensor& planes) {
    if (planes.shape()[1] < images_.shape()[1]) planes = in_colour(planes);
    if (planes.shape()[1] > images_.shape()[1]) keep(in_colour(used()));
    if (planes.dtype() == images_.dtype()) return;
    if (planes.dtype() == DType::kU8) {
      planes = as_real(planes);
    } else {
      keep(as_real(used()));
    }
  }

  Tensor used() const { return images_.rows(0, used_); }

  void keep(const Tensor& used) {
    allocate(used.shape().without_axis(0).with_axis(0, count_), used.dtype());
    if (used.bytes() > 0) std::memcpy(images_.raw(), used.raw(), used.bytes());
  }

  std::int64_t count_;
  const ReadOptions& options_;
  std::int64_t used_ = 0;
  std::string first_;
  Tensor images_;
};

}  // namespace

RawData read_pictures(const std::vector<FileGroup>& groups, const ReadOptions& options) {
  std::size_t count = 0;
  for (const FileGroup& group : groups) count += group.paths.size();
  PictureStack stack(count, options);
  for (const FileGroup& group : groups) {
    for (const std::string& path : group.paths) stack.add(path);
  }
  RawData data;
  data.all = {.kind = DataKind::kImage, .examples = stack.images(data.notes)};
  label_groups(data.all, groups, options);
  return data;
}

}  // namespace hourglass::internal

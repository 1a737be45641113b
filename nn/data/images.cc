#include "nn/data/images.h"

#include <fmt/core.h>

#include <cstring>

#include "tensor/error.h"
#include "tensor/memory.h"

namespace hourglass::nn {

using namespace internal;

Tensor pad_images(const Tensor& images, std::int64_t side) {
  const std::int64_t n = images.shape().product(0, 2), h = images.shape()[2], w = images.shape()[3];
  if (h > side || w > side) {
    throw Error(fmt::format("pad: the images are larger: {} by {}: {} by {}", h, w, side, side));
  }
  const Shape shape{images.shape()[0], images.shape()[1], side, side};
  check_memory("pad", "the images",
               static_cast<std::size_t>(shape.elements()) * size_of(images.dtype()));
  Tensor padded(shape, images.dtype());
  const std::size_t pixel = size_of(images.dtype());
  const std::size_t row_bytes = static_cast<std::size_t>(w) * pixel;
  const char* from = static_cast<const char*>(images.raw());
  char* to = static_cast<char*>(padded.raw());
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t y = 0; y < h; ++y) {
      const std::int64_t at = (i * side + (side - h) / 2 + y) * side + (side - w) / 2;
      std::memcpy(to + static_cast<std::size_t>(at) * pixel,
                  from + static_cast<std::size_t>(i * h + y) * row_bytes, row_bytes);
    }
  }
  return padded;
}

}  // namespace hourglass::nn

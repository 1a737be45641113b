#include "nn/data/formats/image_arrays.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "nn/data/formats/format.h"
#include "nn/data/formats/image_sizes.h"
#include "tensor/kernels.h"
#include "tensor/memory.h"

namespace hourglass::internal {

using namespace nn;

namespace {

bool is_channels(std::int64_t size) { return size == 1 || size == 3; }

ImageLayout layout_of(const std::string& path, const Shape& shape, const ReadOptions& options) {
  if (options.layout) return *options.layout;
  const bool first = is_channels(shape[1]), last = is_channels(shape[3]);
  if (first != last) return first ? ImageLayout::kChannelsFirst : ImageLayout::kChannelsLast;
  fail_data(path, fmt::format("{}: {}: say --layout CHW or HWC", to_string(shape),
                              first ? "the channels may be the second axis or the last"
                                    : "expected 1 or 3 channels, [N, C, H, W] or [N, H, W, C]"));
}

// [N, C, H, W], whatever it was.
Rows channels_first(const std::string& path, const Rows& array, const ReadOptions& options) {
  const Shape& shape = array.shape();
  if (shape.rank() == 3) return array.reshape(shape.with_axis(1, 1));
  if (shape.rank() != 4) {
    fail_data(path,
              fmt::format("expected images [N, H, W], [N, C, H, W] or [N, H, W, C]: found {} {}",
                          name_of(array.dtype()), to_string(shape)));
  }
  if (layout_of(path, shape, options) == ImageLayout::kChannelsFirst) return array;
  return array.map([](const Tensor& images) {
    const Shape& s = images.shape();
    check_memory("data", "the images", images.bytes());
    Tensor planar = Tensor::uninitialized({s[0], s[3], s[1], s[2]}, images.dtype());
    kernels::transpose(images.dtype(), s.sizes(), std::array{0, 3, 1, 2}, images.raw(),
                       planar.raw());
    return planar;
  });
}

struct Range {
  double low = 0, high = 0;
  bool whole = true;
};

Range range_of(const std::string& path, const Rows& images) {
  const std::int64_t pixels = images.width();
  Range range{HUGE_VAL, -HUGE_VAL, true};
  for_chunks(images, [&](const Tensor& part, std::int64_t first) {
    visit(part.dtype(), [&](auto zero) {
      const auto* x = part.data<decltype(zero)>();
      for (std::int64_t i = 0; i < part.elements(); ++i) {
        const auto value = static_cast<double>(x[i]);
        if (!std::isfinite(value)) {
          fail_data(path, fmt::format("image {}, pixel {}: expected a finite number, found {}",
                                      first + i / pixels, i % pixels, value));
        }
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
        range.whole = range.whole && value == std::floor(value);
      }
    });
  });
  return range;
}

Rows divided(const Rows& images, float by) {
  return images.map([by](const Tensor& part) {
    Tensor result = part.cast(DType::kF32);
    auto* x = result.data<float>();
    for (std::int64_t i = 0; i < result.elements(); ++i) x[i] /= by;
    return result;
  });
}

// Of truth values, 0 and 1.
Tensor black_and_white(const Tensor& bits) {
  Tensor pixels = bits.clone();
  for (std::int64_t i = 0; i < pixels.elements(); ++i) {
    pixels.data<std::uint8_t>()[i] = bits.data<std::uint8_t>()[i] == 0 ? 0 : 255;
  }
  return pixels;
}

// As a model takes them, with a note of what was done or what they range over.
Rows as_pixels(const std::string& path, const Rows& images, Stored stored,
               const ReadOptions& options, std::vector<std::string>& notes) {
  if (stored == Stored::kBool) return images.map(black_and_white);
  if (images.dtype() == DType::kU8) return images;
  const Range range = range_of(path, images);
  const bool real = is_real(images.dtype());
  if (!real && stored != Stored::kU16 && range.low >= 0 && range.high <= 255) {
    return images.cast(DType::kU8);
  }
  if (stored == Stored::kU16) {
    notes.push_back(fmt::format("pixels of 16 bits, up to {}: divided by 65535", range.high));
    return divided(images, 65535);
  }
  const bool bytes =
      range.low >= 0 && range.high > 1 && range.high <= 255 && (range.whole || range.high > 16);
  if (bytes && options.of_255) return divided(images, 255);
  if (bytes && !options.any_range) {
    fail_data(path, fmt::format("real pixels from {} to {}, which look like those of pictures in "
                                "0..255: say --scale pixels or none",
                                range.low, range.high));
  }
  notes.push_back(fmt::format("pixels from {} to {}", range.low, range.high));
  return real ? images : images.cast(DType::kF32);
}

}  // namespace

RawData from_image_array(const std::string& path, const Rows& array, Stored stored,
                         const ReadOptions& options) {
  RawData data;
  Rows images = channels_first(path, array, options);
  images = as_pixels(path, images, stored, options, data.notes);
  if (options.grey) images = images.map(grey_images);
  if (const auto& size = options.resize) {
    images = images.map([=](const Tensor& part) { return resized_images(part, *size); });
  }
  data.all = {.kind = DataKind::kImage, .examples = images};
  return data;
}

}  // namespace hourglass::internal

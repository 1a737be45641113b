#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/fields.h"

namespace hourglass::ae {

// Down and across; one number is both.
struct Size2d {
  std::int64_t height = 1, width = 1;

  constexpr Size2d(std::int64_t both) : height(both), width(both) {}
  constexpr Size2d(std::int64_t down, std::int64_t across) : height(down), width(across) {}
  bool operator==(const Size2d&) const = default;
};
std::string to_text(const Size2d& size);  // "3", "1x9"

// A convolution with zeros around, an activation, and where pool > 1 a max-pooling with windows of
// that size. Over a series, one row of steps, everything is 1 down (padding 0): kernel {1, 9}.
struct ConvLayer {
  std::int64_t channels = 16;
  Size2d kernel = 3, stride = 1, padding = 1, pool = 1;

  bool pools() const { return pool != Size2d(1); }
  bool operator==(const ConvLayer&) const = default;
};
ConvLayer along_time(const ConvLayer& layer);  // the same across, over a series

// The size of an image or of a map of features; a series is an image one row high.
struct MapSize {
  std::int64_t channels = 1, height = 0, width = 0;
  std::int64_t elements() const { return channels * height * width; }
  bool operator==(const MapSize&) const = default;
};

// The input, a series [C, T] or an image [C, H, W], and what each convolutional layer makes of it,
// pooling included. Throws Error naming the layer where an input does not survive: a kernel or
// window that does not fit, or rows and columns that no window reaches, which no decoder could give
// back; and for an input that is a row.
std::vector<MapSize> map_sizes(const std::vector<std::int64_t>& input,
                               const std::vector<ConvLayer>& layers);

// "a row of 9 numbers", "a series of 1 channel and 32 steps", "an image of 3 by 32 by 24".
std::string shape_text(const std::vector<std::int64_t>& input);

}  // namespace hourglass::ae

namespace hourglass {

// In files one number, or a list of two.
template <>
struct FieldType<ae::Size2d> {
  static Value value(const ae::Size2d& m);
  static void read(const std::string& name, const Value& value, ae::Size2d& m);
};

}  // namespace hourglass

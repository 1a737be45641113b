#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace hourglass::ae {

// A convolution k x k with zeros around, an activation, and where pool > 1 a max-pooling with
// windows of that size.
struct ConvLayer {
  std::int64_t channels = 16, kernel = 3, stride = 1, padding = 1, pool = 1;
  bool operator==(const ConvLayer&) const = default;
};

// The size of an image or of a map of features.
struct MapSize {
  std::int64_t channels = 1, height = 0, width = 0;
  std::int64_t elements() const { return channels * height * width; }
  bool operator==(const MapSize&) const = default;
};

// The image, [channels, height, width], and what each convolutional layer makes of it, pooling
// included. Throws Error naming the layer where an image does not survive: a kernel or window that
// does not fit, or rows and columns that no window reaches, which no decoder could give back.
std::vector<MapSize> map_sizes(const std::array<std::int64_t, 3>& image,
                               const std::vector<ConvLayer>& layers);

}  // namespace hourglass::ae

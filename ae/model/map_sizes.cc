#include "ae/model/map_sizes.h"

#include <fmt/core.h>

#include <string>

#include "tensor/error.h"

namespace hourglass::ae {
namespace {

[[noreturn]] void lost(std::size_t layer, const MapSize& size, const std::string& why) {
  throw Error(fmt::format("spec: conv.{}: images of {} by {} do not survive: {}", layer,
                          size.height, size.width, why));
}

// One side's length after the convolution.
std::int64_t convolved(std::int64_t length, const ConvLayer& layer, std::size_t i,
                       const MapSize& size) {
  const std::int64_t room = length + 2 * layer.padding - layer.kernel;
  if (room < 0) lost(i, size, fmt::format("the kernel is {} wide", layer.kernel));
  // What is left over after the last window must be padding only.
  if (room % layer.stride > layer.padding) {
    lost(i, size,
         fmt::format("a stride of {} leaves {} of {} unread", layer.stride,
                     room % layer.stride - layer.padding, length));
  }
  return room / layer.stride + 1;
}

std::int64_t pooled(std::int64_t length, const ConvLayer& layer, std::size_t i,
                    const MapSize& size) {
  if (length % layer.pool != 0) {
    lost(i, size, fmt::format("{} is not a multiple of the pooling's {}", length, layer.pool));
  }
  return length / layer.pool;
}

}  // namespace

std::vector<MapSize> map_sizes(const std::array<std::int64_t, 3>& image,
                               const std::vector<ConvLayer>& layers) {
  std::vector<MapSize> sizes = {{image[0], image[1], image[2]}};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const ConvLayer& layer = layers[i];
    const MapSize size = sizes.back();
    MapSize next{layer.channels, convolved(size.height, layer, i, size),
                 convolved(size.width, layer, i, size)};
    const MapSize whole = next;
    next.height = pooled(whole.height, layer, i, whole);
    next.width = pooled(whole.width, layer, i, whole);
    sizes.push_back(next);
  }
  return sizes;
}

}  // namespace hourglass::ae

#include "ae/model/map_sizes.h"

#include <fmt/core.h>

#include <array>

#include "tensor/counted.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using Lengths = std::vector<std::int64_t>;

// One side of a layer, and what it is a side of.
struct Side {
  const Lengths& input;
  std::size_t layer;
  MapSize size;
  std::int64_t kernel, stride, padding, pool;

  [[noreturn]] void lost(const std::string& why) const {
    const bool series = input.size() == 2;
    throw Error(fmt::format(
        "spec: conv.{}: {}: {}", layer,
        series ? fmt::format("a series of {} steps does not survive", size.width)
               : fmt::format("images of {} by {} do not survive", size.height, size.width),
        why));
  }

  // A length after the convolution.
  std::int64_t convolved(std::int64_t length) const {
    const std::int64_t room = length + 2 * padding - kernel;
    if (room < 0) lost(fmt::format("the kernel is {} wide", kernel));
    // What is left over after the last window must be padding only.
    if (room % stride > padding) {
      lost(fmt::format("a stride of {} leaves {} of {} unread", stride, room % stride - padding,
                       length));
    }
    return room / stride + 1;
  }

  std::int64_t pooled(std::int64_t length) const {
    if (length % pool != 0) {
      lost(fmt::format("{} is not a multiple of the pooling's {}", length, pool));
    }
    return length / pool;
  }
};

MapSize first_map(const Lengths& input) {
  if (input.size() == 3) return {input[0], input[1], input[2]};
  if (input.size() == 2) return {input[0], 1, input[1]};
  throw Error("spec: convolutions need images or series: the input is " +
              (input.empty() ? std::string("a row") : shape_text(input)));
}

MapSize next_map(const Lengths& input, std::size_t i, const ConvLayer& c, const MapSize& from) {
  Side down{input, i, from, c.kernel.height, c.stride.height, c.padding.height, c.pool.height};
  Side across{input, i, from, c.kernel.width, c.stride.width, c.padding.width, c.pool.width};
  const MapSize whole{c.channels, down.convolved(from.height), across.convolved(from.width)};
  down.size = across.size = whole;
  return {c.channels, down.pooled(whole.height), across.pooled(whole.width)};
}

}  // namespace

std::string to_text(const Size2d& size) {
  if (size.height == size.width) return std::to_string(size.height);
  return fmt::format("{}x{}", size.height, size.width);
}

ConvLayer along_time(const ConvLayer& layer) {
  return {.channels = layer.channels,
          .kernel = {1, layer.kernel.width},
          .stride = {1, layer.stride.width},
          .padding = {0, layer.padding.width},
          .pool = {1, layer.pool.width}};
}

std::vector<MapSize> map_sizes(const Lengths& input, const std::vector<ConvLayer>& layers) {
  std::vector<MapSize> sizes = {first_map(input)};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    sizes.push_back(next_map(input, i, layers[i], sizes.back()));
  }
  return sizes;
}

std::string shape_text(const Lengths& input) {
  if (input.size() == 2) {
    return fmt::format("a series of {} and {}", internal::counted(input[0], "channel"),
                       internal::counted(input[1], "step"));
  }
  if (input.size() == 3) {
    return fmt::format("an image of {} by {} by {}", input[0], input[1], input[2]);
  }
  return fmt::format("a row of {}", internal::counted(input.at(0), "number"));
}

}  // namespace hourglass::ae

namespace hourglass {

Value FieldType<ae::Size2d>::value(const ae::Size2d& m) {
  if (m.height == m.width) return m.height;
  return std::vector<std::int64_t>{m.height, m.width};
}

void FieldType<ae::Size2d>::read(const std::string& name, const Value& value, ae::Size2d& m) {
  if (const auto* both = std::get_if<std::int64_t>(&value)) {
    m = *both;
    return;
  }
  std::array<std::int64_t, 2> sides{};
  FieldType<std::array<std::int64_t, 2>>::read(name, value, sides);
  m = {sides[0], sides[1]};
}

}  // namespace hourglass

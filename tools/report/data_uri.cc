#include "tools/report/data_uri.h"

#include <algorithm>

#include "tensor/files/png.h"

namespace hourglass::tools {

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= n ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

std::string png_uri(const Tensor& image) {
  return "data:image/png;base64," + base64(png_bytes(image));
}

Tensor reduced(const Tensor& pictures, std::int64_t longest) {
  const Shape& s = pictures.shape();
  const std::int64_t side = (std::max(s[1], s[2]) + longest - 1) / longest;
  if (side <= 1) return pictures;
  const std::int64_t height = std::max<std::int64_t>(1, s[1] / side);
  const std::int64_t width = std::max<std::int64_t>(1, s[2] / side);
  const std::int64_t channels = s.rank() == 4 ? s[3] : 1;
  const std::int64_t down = std::min(side, s[1]), across = std::min(side, s[2]);
  Shape shape{s[0], height, width};
  if (s.rank() == 4) shape = Shape{s[0], height, width, channels};
  Tensor result = Tensor::uninitialized(shape, DType::kU8);
  const auto* from = pictures.data<std::uint8_t>();
  auto* to = result.data<std::uint8_t>();
  for (std::int64_t i = 0; i < result.elements(); ++i) {
    const std::int64_t c = i % channels, x = i / channels % width;
    const std::int64_t y = i / channels / width % height, n = i / channels / width / height;
    std::int64_t sum = 0;
    for (std::int64_t dy = 0; dy < down; ++dy) {
      for (std::int64_t dx = 0; dx < across; ++dx) {
        sum += from[((n * s[1] + y * side + dy) * s[2] + x * side + dx) * channels + c];
      }
    }
    to[i] = static_cast<std::uint8_t>((sum + down * across / 2) / (down * across));
  }
  return result;
}

}  // namespace hourglass::tools

#include <webp/decode.h>
#include <webp/encode.h>

#include <memory>

#include "bench/baselines/codecs.h"
#include "tensor/error.h"

namespace hourglass::bench {
namespace {

constexpr int kChannels = 3;  // libwebp takes no grey ones

using Bytes = std::unique_ptr<std::uint8_t, void (*)(void*)>;

Tensor coloured(const Tensor& picture) {
  Tensor rgb(Shape{picture.shape()[0], picture.shape()[1], kChannels}, DType::kU8);
  for (std::int64_t i = 0; i < rgb.elements(); ++i) {
    rgb.data<std::uint8_t>()[i] = picture.data<std::uint8_t>()[i / kChannels];
  }
  return rgb;
}

}  // namespace

bool has_webp() { return true; }

Coded webp_coded(const Tensor& picture, int quality) {
  const Tensor rgb = coloured(picture);
  const auto height = static_cast<int>(picture.shape()[0]);
  const auto width = static_cast<int>(picture.shape()[1]);
  std::uint8_t* written = nullptr;
  const auto* pixels = rgb.data<std::uint8_t>();
  const std::size_t size =
      quality != kLossless
          ? WebPEncodeRGB(pixels, width, height, kChannels * width, static_cast<float>(quality),
                          &written)
          : WebPEncodeLosslessRGB(pixels, width, height, kChannels * width, &written);
  const Bytes file(written, WebPFree);
  if (size == 0) throw Error("codecs: WebP: cannot be written");
  int w = 0, h = 0;
  const Bytes back(WebPDecodeRGB(file.get(), size, &w, &h), WebPFree);
  if (!back || w != width || h != height) throw Error("codecs: WebP: cannot be read back");
  Coded coded{size, Tensor(picture.shape(), DType::kU8)};
  for (std::int64_t i = 0; i < coded.picture.elements(); ++i) {
    coded.picture.data<std::uint8_t>()[i] = back.get()[kChannels * i + 1];
  }
  return coded;
}

}  // namespace hourglass::bench

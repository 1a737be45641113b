#include "tools/data.h"

#include <fmt/core.h>

#include "nn/data/digits.h"
#include "tensor/error.h"

namespace hourglass::tools {

nn::ImageData load_data(const std::string& path, std::int64_t pad) {
  nn::ImageData data =
      path.empty() ? nn::ImageData{nn::digits(12000, 1), nn::digits(2000, 2), "built-in digits"}
                   : nn::load_image_folder(path);
  if (pad == 0) return data;
  if (pad < 0) throw Error(fmt::format("pad: must be at least 0: got {}", pad));
  data.train.images = nn::pad_images(data.train.images, pad);
  data.test.images = nn::pad_images(data.test.images, pad);
  return data;
}

}  // namespace hourglass::tools

#include "tools/data.h"

#include <fmt/core.h>

#include "nn/data/digits.h"
#include "nn/data/images.h"
#include "tensor/error.h"

namespace hourglass::tools {

nn::RawData load_data(const std::string& path, std::int64_t pad) {
  nn::RawData data = path.empty()
                         ? nn::RawData{.all = nn::digits(12000, 1), .test = nn::digits(2000, 2)}
                         : nn::load_image_folder(path);
  if (pad == 0) return data;
  if (pad < 0) throw Error(fmt::format("pad: must be at least 0: got {}", pad));
  data.all.examples = nn::pad_images(data.all.examples, pad);
  if (data.test) data.test->examples = nn::pad_images(data.test->examples, pad);
  return data;
}

}  // namespace hourglass::tools

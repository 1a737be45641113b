#include "tools/data.h"

#include "nn/digits.h"

namespace hourglass::tools {

nn::ImageData load_data(const std::string& path) {
  if (!path.empty()) return nn::load_image_folder(path);
  return {nn::digits(12000, 1), nn::digits(2000, 2), "built-in digits"};
}

}  // namespace hourglass::tools

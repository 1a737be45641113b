#include "bench/baselines/filters.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

struct Image {
  const float* pixels;
  std::int64_t height, width;

  float at(std::int64_t y, std::int64_t x) const {
    return pixels[std::clamp<std::int64_t>(y, 0, height - 1) * width +
                  std::clamp<std::int64_t>(x, 0, width - 1)];
  }
};

// f(image, y, x) in place of each pixel.
template <class F>
Tensor filtered(const Tensor& images, F&& f) {
  const std::int64_t height = images.shape()[1], width = images.shape()[2];
  Tensor result = Tensor::uninitialized(images.shape(), DType::kF32);
  const float* from = images.data<float>();
  float* to = result.data<float>();
  parallel_for(images.shape()[0], [&](std::int64_t i) {
    const Image image{from + i * height * width, height, width};
    for (std::int64_t p = 0; p < height * width; ++p) {
      to[i * height * width + p] = static_cast<float>(f(image, p / width, p % width));
    }
  });
  return result;
}

double patch_distance(const Image& image, std::int64_t y, std::int64_t x, std::int64_t v,
                      std::int64_t u) {
  double sum = 0;
  for (std::int64_t dy = -1; dy <= 1; ++dy) {
    for (std::int64_t dx = -1; dx <= 1; ++dx) {
      const double d = image.at(y + dy, x + dx) - image.at(v + dy, u + dx);
      sum += d * d;
    }
  }
  return sum / 9;
}

}  // namespace

Tensor median_filtered(const Tensor& images, std::int64_t side) {
  const std::int64_t reach = side / 2;
  return filtered(images, [=](const Image& image, std::int64_t y, std::int64_t x) {
    std::vector<float> window;
    for (std::int64_t v = y - reach; v <= y + reach; ++v) {
      for (std::int64_t u = x - reach; u <= x + reach; ++u) window.push_back(image.at(v, u));
    }
    const auto middle = window.begin() + static_cast<std::ptrdiff_t>(window.size() / 2);
    std::nth_element(window.begin(), middle, window.end());
    return *middle;
  });
}

Tensor gaussian_filtered(const Tensor& images, double deviation) {
  const auto reach = static_cast<std::int64_t>(std::ceil(3 * deviation));
  return filtered(images, [=](const Image& image, std::int64_t y, std::int64_t x) {
    double sum = 0, weights = 0;
    for (std::int64_t v = -reach; v <= reach; ++v) {
      for (std::int64_t u = -reach; u <= reach; ++u) {
        const auto squared = static_cast<double>(v * v + u * u);
        const double weight = std::exp(-squared / (2 * deviation * deviation));
        sum += weight * image.at(y + v, x + u);
        weights += weight;
      }
    }
    return sum / weights;
  });
}

Tensor non_local_means(const Tensor& images, double strength) {
  constexpr std::int64_t kReach = 5;
  return filtered(images, [=](const Image& image, std::int64_t y, std::int64_t x) {
    double sum = 0, weights = 0;
    for (std::int64_t v = y - kReach; v <= y + kReach; ++v) {
      for (std::int64_t u = x - kReach; u <= x + kReach; ++u) {
        const double weight = std::exp(-patch_distance(image, y, x, v, u) / (strength * strength));
        sum += weight * image.at(v, u);
        weights += weight;
      }
    }
    return sum / weights;
  });
}

}  // namespace hourglass::bench

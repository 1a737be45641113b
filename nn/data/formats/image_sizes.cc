#include "nn/data/formats/image_sizes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "tensor/error.h"
#include "tensor/memory.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// A pixel of the new axis as a sum over pixels of the old one, first, first + 1, ...
struct Tap {
  std::int64_t first = 0;
  std::vector<double> weights;
};

// The share of [low, high) in each old pixel that it covers.
Tap area_tap(double low, double high, std::int64_t from) {
  Tap tap{static_cast<std::int64_t>(std::floor(low)), {}};
  const std::int64_t last = std::min(from, static_cast<std::int64_t>(std::ceil(high)));
  for (std::int64_t i = tap.first; i < last; ++i) {
    const double covered =
        std::min(high, static_cast<double>(i + 1)) - std::max(low, static_cast<double>(i));
    tap.weights.push_back(covered / (high - low));
  }
  return tap;
}

Tap linear_tap(double centre, std::int64_t from) {
  const double at = std::clamp(centre, 0.0, static_cast<double>(from - 1));
  const std::int64_t first =
      std::min(static_cast<std::int64_t>(at), std::max<std::int64_t>(from - 2, 0));
  if (from == 1) return {0, {1}};
  const double share = at - static_cast<double>(first);
  return {first, {1 - share, share}};
}

std::vector<Tap> taps_of(std::int64_t from, std::int64_t to) {
  std::vector<Tap> taps;
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    const auto at = static_cast<double>(i);
    taps.push_back(to < from ? area_tap(at * step, (at + 1) * step, from)
                             : linear_tap((at + 0.5) * step - 0.5, from));
  }
  return taps;
}

template <class T>
T stored_as(double x) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(std::lround(x));
  } else {
    return static_cast<T>(x);
  }
}

// One plane [h, w] along its rows, then along its columns.
template <class T>
void resize_plane(const T* from, std::int64_t width, const std::vector<Tap>& rows,
                  const std::vector<Tap>& columns, std::vector<double>& line, T* to) {
  for (const Tap& row : rows) {
    std::fill(line.begin(), line.end(), 0.0);
    for (std::size_t i = 0; i < row.weights.size(); ++i) {
      const T* x = from + (row.first + static_cast<std::int64_t>(i)) * width;
      for (std::int64_t c = 0; c < width; ++c) {
        line[static_cast<std::size_t>(c)] += row.weights[i] * static_cast<double>(x[c]);
      }
    }
    for (const Tap& column : columns) {
      double sum = 0;
      for (std::size_t i = 0; i < column.weights.size(); ++i) {
        sum += column.weights[i] * line[static_cast<std::size_t>(column.first) + i];
      }
      *to++ = stored_as<T>(sum);
    }
  }
}

}  // namespace

Tensor resized_images(const Tensor& images, const ImageSize& size) {
  const Shape& shape = images.shape();
  if (size.height < 1 || size.width < 1) {
    throw Error(fmt::format("resize: expected a height and a width from 1 on: got {}x{}",
                            size.height, size.width));
  }
  if (shape[2] == size.height && shape[3] == size.width) return images;
  const Shape to{shape[0], shape[1], size.height, size.width};
  check_memory("resize", "the images",
               static_cast<std::size_t>(to.elements()) * size_of(images.dtype()));
  Tensor result = Tensor::uninitialized(to, images.dtype());
  const std::vector<Tap> rows = taps_of(shape[2], size.height);
  const std::vector<Tap> columns = taps_of(shape[3], size.width);
  std::vector<double> line(static_cast<std::size_t>(shape[3]));
  visit(images.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < shape[0] * shape[1]; ++i) {
      resize_plane(images.data<T>() + i * shape[2] * shape[3], shape[3], rows, columns, line,
                   result.data<T>() + i * size.height * size.width);
    }
  });
  return result;
}

Tensor grey_images(const Tensor& images) {
  const Shape& shape = images.shape();
  if (shape[1] == 1) return images;
  if (shape[1] != 3) {
    throw Error(
        fmt::format("grey: expected 1 or 3 channels, [N, C, H, W]: got {}", to_string(shape)));
  }
  const std::int64_t plane = shape[2] * shape[3];
  Tensor grey = Tensor::uninitialized({shape[0], 1, shape[2], shape[3]}, images.dtype());
  visit(images.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* x = images.data<T>();
    T* to = grey.data<T>();
    for (std::int64_t n = 0; n < shape[0]; ++n, x += 3 * plane) {
      for (std::int64_t i = 0; i < plane; ++i) {
        *to++ = stored_as<T>(0.299 * static_cast<double>(x[i]) +
                             0.587 * static_cast<double>(x[plane + i]) +
                             0.114 * static_cast<double>(x[2 * plane + i]));
      }
    }
  });
  return grey;
}

}  // namespace hourglass::internal

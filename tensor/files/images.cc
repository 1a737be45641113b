#include "tensor/files/images.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "tensor/error.h"

namespace hourglass {
namespace {

struct Layout {
  std::int64_t count = 0, height = 0, width = 0, channels = 1;  // of the images
  std::int64_t columns = 0, rows = 0;
  std::int64_t cell_height = 0, cell_width = 0;  // scaled, with one gap

  std::int64_t sheet_height(std::int64_t gap) const { return rows * cell_height + gap; }
  std::int64_t sheet_width(std::int64_t gap) const { return columns * cell_width + gap; }
};

void check_images(const Tensor& images, const char* op) {
  const Shape& shape = images.shape();
  const bool shaped = shape.rank() == 3 || (shape.rank() == 4 && shape[3] == 3);
  if (!images.defined() || images.dtype() != DType::kU8 || !shaped) {
    throw Error(fmt::format("{}: expected u8 [N, H, W] or [N, H, W, 3]: got {} {}", op,
                            name_of(images.dtype()), to_string(shape)));
  }
  if (images.elements() == 0) {
    throw Error(fmt::format("{}: expected at least one pixel: got {}", op, to_string(shape)));
  }
}

void check_options(const GridOptions& options) {
  const auto check = [](const char* name, int value, int low, int high) {
    if (value < low || value > high) {
      throw Error(fmt::format("image_grid: {}: expected {} to {}: got {}", name, low, high, value));
    }
  };
  check("columns", options.columns, 0, 1 << 20);
  check("gap", options.gap, 0, 1024);
  check("background", options.background, 0, 255);
  check("scale", options.scale, 1, 1024);
}

Layout layout_of(const Tensor& images, const GridOptions& options) {
  constexpr double kMaxPixels = 2147483648.0;
  const Shape& shape = images.shape();
  Layout layout{shape[0], shape[1], shape[2], shape.rank() == 4 ? 3 : 1};
  layout.columns = options.columns;
  if (layout.columns == 0) {
    layout.columns =
        static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(layout.count))));
  }
  layout.columns = std::min(layout.columns, layout.count);
  layout.rows = (layout.count + layout.columns - 1) / layout.columns;
  // First in real numbers, which cannot overflow.
  const double height = static_cast<double>(layout.height) * options.scale + options.gap;
  const double width = static_cast<double>(layout.width) * options.scale + options.gap;
  if (height * width * static_cast<double>(layout.rows) * static_cast<double>(layout.columns) >
      kMaxPixels) {
    throw Error(fmt::format("image_grid: a sheet of more than 2^31 pixels: {}, scale {}",
                            to_string(shape), options.scale));
  }
  layout.cell_height = layout.height * options.scale + options.gap;
  layout.cell_width = layout.width * options.scale + options.gap;
  return layout;
}

// One image, enlarged, into the sheet whose rows have `stride` bytes: a row is spread once, then
// copied.
void draw(const std::uint8_t* image, const Layout& layout, std::int64_t scale, std::uint8_t* to,
          std::int64_t stride) {
  const std::int64_t channels = layout.channels;
  const auto row_bytes = static_cast<std::size_t>(layout.width * scale * channels);
  for (std::int64_t y = 0; y < layout.height; ++y) {
    std::uint8_t* row = to + y * scale * stride;
    std::uint8_t* next = row;
    for (std::int64_t x = 0; x < layout.width; ++x, image += channels) {
      for (std::int64_t i = 0; i < scale; ++i) next = std::copy_n(image, channels, next);
    }
    for (std::int64_t i = 1; i < scale; ++i) std::memcpy(row + i * stride, row, row_bytes);
  }
}

// Images [first, last) of a, blanks up to a full line, then those of b.
Tensor two_lines(const Tensor& a, const Tensor& b, std::int64_t first, std::int64_t last,
                 const GridOptions& options) {
  std::vector<std::int64_t> sizes = a.shape().sizes();
  const std::size_t image = a.bytes() / static_cast<std::size_t>(sizes[0]);
  sizes[0] = 2 * options.columns;
  Tensor both = Tensor::full(Shape(std::move(sizes)), options.background, DType::kU8);
  auto* to = both.data<std::uint8_t>();
  for (const Tensor* images : {&a, &b}) {
    std::memcpy(to, images->data<std::uint8_t>() + static_cast<std::size_t>(first) * image,
                static_cast<std::size_t>(last - first) * image);
    to += both.bytes() / 2;
  }
  return both;
}

// Sheets of one shape, one below the other.
Tensor stack(const std::vector<Tensor>& sheets, std::int64_t gap, int background) {
  const auto count = static_cast<std::int64_t>(sheets.size());
  std::vector<std::int64_t> sizes = sheets[0].shape().sizes();
  const std::int64_t height = sizes[0];
  sizes[0] = count * height + (count - 1) * gap;
  Tensor all = Tensor::full(Shape(std::move(sizes)), background, DType::kU8);
  const std::size_t row = sheets[0].bytes() / static_cast<std::size_t>(height);
  auto* to = all.data<std::uint8_t>();
  for (const Tensor& sheet : sheets) {
    std::memcpy(to, sheet.raw(), sheet.bytes());
    to += static_cast<std::size_t>(height + gap) * row;
  }
  return all;
}

}  // namespace

Tensor image_grid(const Tensor& images, const GridOptions& options) {
  check_images(images, "image_grid");
  check_options(options);
  const Layout layout = layout_of(images, options);
  const std::int64_t height = layout.sheet_height(options.gap),
                     width = layout.sheet_width(options.gap);
  Tensor sheet = Tensor::full({height, width, layout.channels}, options.background, DType::kU8);
  const auto* pixels = images.data<std::uint8_t>();
  auto* to = sheet.data<std::uint8_t>();
  const std::int64_t stride = width * layout.channels;
  for (std::int64_t i = 0; i < layout.count; ++i) {
    const std::int64_t top = options.gap + i / layout.columns * layout.cell_height;
    const std::int64_t left = options.gap + i % layout.columns * layout.cell_width;
    draw(pixels + i * layout.height * layout.width * layout.channels, layout, options.scale,
         to + top * stride + left * layout.channels, stride);
  }
  return layout.channels == 1 ? sheet.reshape({height, width}) : sheet;
}

Tensor image_pairs(const Tensor& a, const Tensor& b, const GridOptions& options) {
  check_images(a, "image_pairs");
  check_images(b, "image_pairs");
  if (!(a.shape() == b.shape())) {
    throw Error(fmt::format("image_pairs: shapes differ: a={}, b={}", to_string(a.shape()),
                            to_string(b.shape())));
  }
  check_options(options);
  const std::int64_t count = a.shape()[0];
  GridOptions line = options;
  line.columns = static_cast<int>(
      options.columns > 0 ? std::min<std::int64_t>(options.columns, count) : count);
  std::vector<Tensor> sheets;
  for (std::int64_t first = 0; first < count; first += line.columns) {
    const std::int64_t last = std::min(first + line.columns, count);
    sheets.push_back(image_grid(two_lines(a, b, first, last, line), line));
  }
  return stack(sheets, 2 * options.gap, options.background);
}

Tensor to_u8_image(const Tensor& x) {
  if (!x.defined() || !is_real(x.dtype())) {
    throw Error(fmt::format("to_u8_image: expected f32 or f64: got {}", name_of(x.dtype())));
  }
  Tensor y = Tensor::uninitialized(x.shape(), DType::kU8);
  auto* to = y.data<std::uint8_t>();
  const auto convert = [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    for (std::int64_t i = 0; i < x.elements(); ++i) {
      // NaN fails every comparison and so becomes 0.
      const T level = from[i] > 0 ? std::min<T>(from[i], 1) * 255 : 0;
      to[i] = static_cast<std::uint8_t>(level + T(0.5));
    }
  };
  x.dtype() == DType::kF32 ? convert(float{}) : convert(double{});
  return y;
}

}  // namespace hourglass

#include "examples/demo.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

namespace hourglass::demo {

int run(int argc, char** argv, Options defaults, void (*body)(const Options& options)) {
  try {
    if (argc > 1) defaults.picture = argv[1];
    if (argc > 2) defaults.epochs = std::atoi(argv[2]);
    if (argc > 3) defaults.data = argv[3];
    body(defaults);
    std::printf("wrote %s\n", defaults.picture.c_str());
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

ae::Autoencoder learnt(const ae::Spec& spec, const Tensor& images, int epochs, double learning_rate,
                       std::int64_t batch) {
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(model, {images},
                              {.epochs = epochs,
                               .batch = batch,
                               .learning_rate = learning_rate,
                               .schedule = {nn::Schedule::kCosine},
                               .seed = 1}));
  return model;
}

Colour hue(double turns) {
  const auto channel = [&](double shift) {
    const double wave = std::cos(2 * std::numbers::pi * (turns - shift));
    return static_cast<std::uint8_t>(std::lround(120 + 110 * wave));
  };
  return {channel(0), channel(1.0 / 3), channel(2.0 / 3)};
}

Canvas::Canvas(std::int64_t side, double extent)
    : extent_(extent), image_(Tensor::full({side, side, 3}, 255, DType::kU8)) {}

Canvas::Point Canvas::place(double x, double y) const {
  const double scale = static_cast<double>(image_.shape()[0]) / (2 * extent_);
  return {(x + extent_) * scale, (extent_ - y) * scale};
}

// Every pixel near the segment is covered as far as its centre is inside.
void Canvas::line(Point from, Point to, double width, Colour colour) {
  const std::int64_t side = image_.shape()[0];
  const auto within = [&](double v) {
    return static_cast<std::int64_t>(std::clamp(v, 0.0, static_cast<double>(side)));
  };
  const double reach = width / 2 + 1, dx = to.x - from.x, dy = to.y - from.y;
  const double squared = std::max(dx * dx + dy * dy, 1e-12);
  std::uint8_t* pixels = image_.data<std::uint8_t>();
  for (std::int64_t i = within(std::min(from.y, to.y) - reach);
       i < within(std::max(from.y, to.y) + reach); ++i) {
    for (std::int64_t j = within(std::min(from.x, to.x) - reach);
         j < within(std::max(from.x, to.x) + reach); ++j) {
      const double x = static_cast<double>(j) + 0.5 - from.x,
                   y = static_cast<double>(i) + 0.5 - from.y;
      const double t = std::clamp((x * dx + y * dy) / squared, 0.0, 1.0);
      const double cover =
          std::clamp(width / 2 + 0.5 - std::hypot(x - t * dx, y - t * dy), 0.0, 1.0);
      std::uint8_t* pixel = pixels + 3 * (i * side + j);
      const std::uint8_t channels[] = {colour.red, colour.green, colour.blue};
      for (int c = 0; c < 3; ++c) {
        pixel[c] =
            static_cast<std::uint8_t>(std::lround(pixel[c] + cover * (channels[c] - pixel[c])));
      }
    }
  }
}

void Canvas::dot(double x, double y, double radius, Colour colour) {
  line(place(x, y), place(x, y), 2 * radius, colour);
}

void Canvas::arrow(double x, double y, double dx, double dy, Colour colour) {
  const Point from = place(x, y), to = place(x + dx, y + dy);
  line(from, to, 1.2, colour);
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  if (length < 1) return;
  const double ux = (to.x - from.x) / length, uy = (to.y - from.y) / length;
  const double head = std::min(4.0, 0.5 * length);
  for (double side : {-0.5, 0.5}) {
    line(to, {to.x - head * (ux + side * uy), to.y - head * (uy - side * ux)}, 1.2, colour);
  }
}

Tensor side_by_side(const std::vector<Canvas>& canvases) {
  const Shape& one = canvases.front().image().shape();
  const std::int64_t count = static_cast<std::int64_t>(canvases.size());
  Tensor all({count, one[0], one[1], 3}, DType::kU8);
  std::uint8_t* out = all.data<std::uint8_t>();
  for (const Canvas& canvas : canvases) {
    const std::uint8_t* pixels = canvas.image().data<std::uint8_t>();
    out = std::copy(pixels, pixels + canvas.image().elements(), out);
  }
  return image_grid(all, {.columns = static_cast<int>(count), .gap = 4, .background = 160});
}

Tensor stacked(const std::vector<Tensor>& pictures) {
  std::int64_t height = 0, width = 0;
  for (const Tensor& p : pictures) {
    height += p.shape()[0];
    width = std::max(width, p.shape()[1]);
  }
  Tensor all = Tensor::full({height, width}, 255, DType::kU8);
  std::uint8_t* out = all.data<std::uint8_t>();
  for (const Tensor& p : pictures) {
    const std::uint8_t* row = p.data<std::uint8_t>();
    for (std::int64_t i = 0; i < p.shape()[0]; ++i, row += p.shape()[1], out += width) {
      std::copy(row, row + p.shape()[1], out);
    }
  }
  return all;
}

Tensor lines_of_images(const std::vector<Tensor>& lines, std::int64_t height, std::int64_t width,
                       int scale) {
  std::vector<Tensor> pictures;
  for (const Tensor& line : lines) {
    const std::int64_t count = line.shape()[0];
    pictures.push_back(image_grid(to_u8_image(line).reshape({count, height, width}),
                                  {.columns = static_cast<int>(count), .scale = scale}));
  }
  return stacked(pictures);
}

}  // namespace hourglass::demo

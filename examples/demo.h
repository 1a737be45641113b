#pragma once

// What the demonstrations share: their command line, a training in one call, a small raster to draw
// on.

#include <cstdint>
#include <string>
#include <vector>

#include "hourglass.h"

namespace hourglass::demo {

// The command line `NAME [PICTURE.png] [EPOCHS] [DATA]`.
struct Options {
  std::string picture;
  int epochs = 1;
  std::string data = {};  // a folder of IDX files, or nothing
};

// Runs a demonstration: 0, or 2 after one line about what went wrong.
int run(int argc, char** argv, Options defaults, void (*body)(const Options& options));

// Trains by Adam with a cosine schedule to 0, batches of `batch`; the same bits on any threads.
ae::Autoencoder learnt(const ae::Spec& spec, const Tensor& images, int epochs,
                       double learning_rate = 2e-3, std::int64_t batch = 64);

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};
Colour hue(double turns);  // round the colour wheel, 0 to 1

// A white square onto which the plane's [-extent, extent]^2 is drawn, with soft edges.
class Canvas {
 public:
  Canvas(std::int64_t side, double extent);
  void dot(double x, double y, double radius, Colour colour);  // radius in pixels
  void arrow(double x, double y, double dx, double dy, Colour colour);
  const Tensor& image() const { return image_; }  // u8 [side, side, 3]

 private:
  struct Point {
    double x = 0, y = 0;
  };
  Point place(double x, double y) const;  // in pixels
  void line(Point from, Point to, double width, Colour colour);

  double extent_;
  Tensor image_;
};

// Canvases of one size, from left to right.
Tensor side_by_side(const std::vector<Canvas>& canvases);

// Pictures u8 [h, w], one below the other, white where they are narrower than the widest.
Tensor stacked(const std::vector<Tensor>& pictures);

// Lines of grey images f32 [N, D] in [0, 1], D = height * width, one line a tensor: a picture.
Tensor lines_of_images(const std::vector<Tensor>& lines, std::int64_t height, std::int64_t width,
                       int scale = 2);

}  // namespace hourglass::demo

#include "nn/data/digits.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "nn/data/digit_styles.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

// Only + - * / and sqrt, which IEEE 754 rounds exactly, so that no libm decides about a pixel.

namespace hourglass::nn {

using namespace internal;

namespace {

constexpr int kSide = 28;
constexpr int kPixels = kSide * kSide;
constexpr int kClasses = 10;

// A fixed sheet of random words, read one after the other.
template <std::size_t kWords>
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint32_t stream, std::int64_t sheet) {
    const kernels::RandomStream random{static_cast<std::uint32_t>(seed),
                                       static_cast<std::uint32_t>(seed >> 32), 0, stream};
    constexpr auto kCount = static_cast<std::int64_t>(kWords);
    kernels::philox_words(random, sheet * kCount, words_.data(), kCount);
  }

  std::uint32_t word() { return words_[used_++]; }
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(std::uint64_t{word()} * n >> 32);
  }
  float uniform(float low, float high) {
    return low + (high - low) * (static_cast<float>(word() >> 8) * 0x1p-24F);
  }
  // Bell-shaped, mean 0, variance 1, within 3.5: the sum of four bytes as uniform numbers.
  float bell() {
    const std::uint32_t bytes = word();
    const std::uint32_t sum =
        (bytes & 255) + (bytes >> 8 & 255) + (bytes >> 16 & 255) + (bytes >> 24);
    return (static_cast<float>(sum) - 510.0F) * (1.0F / 147.8F);
  }

 private:
  std::array<std::uint32_t, kWords> words_;
  std::size_t used_ = 0;
};

using ImageDraws = Draws<320>;
enum Stream : std::uint32_t { kShapes, kClassOrder };

struct Point {
  float x = 0, y = 0;
};
using Path = std::vector<Point>;

// A hand: what one writer does to every stroke of a digit.
struct Hand {
  explicit Hand(ImageDraws& draws) {
    for (float& w : bend) w = 0.09F * draws.bell();
    slant = 0.15F + 0.22F * draws.bell();
    aspect = draws.uniform(0.72F, 1.25F);
    // A rotation by 2 atan(t), without sine and cosine.
    const float t = 0.055F * draws.bell();
    cosine = (1 - t * t) / (1 + t * t);
    sine = 2 * t / (1 + t * t);
  }

  // From percent of the height to a square of about [-1, 1], bent, slanted and turned.
  Point write(const Knot& knot, ImageDraws& draws) const {
    const float u = (knot.x - 50) / 50 + 0.045F * draws.bell();
    const float v = (knot.y - 50) / 50 + 0.045F * draws.bell();
    const float x = u + bend[0] * v * v + bend[1] * u * v + bend[2] * v * (v * v - 1);
    const float y = v + bend[3] * u * v + bend[4] * u * u + bend[5] * v * v;
    const float slanted = aspect * x - slant * y;
    return {cosine * slanted - sine * y, sine * slanted + cosine * y};
  }

  std::array<float, 6> bend;
  float slant, aspect, cosine, sine;
};

// The smooth curve through p1 and p2 with neighbours p0 and p3 (a uniform Catmull-Rom spline), less
// its first point.
void append_curve(Point p0, Point p1, Point p2, Point p3, Path& path) {
  constexpr int kSteps = 6;
  for (int i = 1; i <= kSteps; ++i) {
    const float t = static_cast<float>(i) / kSteps;
    const auto at = [t](float a, float b, float c, float d) {
      return b + 0.5F * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    };
    path.push_back({at(p0.x, p1.x, p2.x, p3.x), at(p0.y, p1.y, p2.y, p3.y)});
  }
}

Path trace(const Stroke& stroke, const Hand& hand, ImageDraws& draws) {
  Path knots;
  for (const Knot& knot : stroke) knots.push_back(hand.write(knot, draws));
  Path path{knots[0]};
  const auto mirrored = [](Point p, Point centre) {
    return Point{2 * centre.x - p.x, 2 * centre.y - p.y};
  };
  for (std::size_t i = 0; i + 1 < knots.size(); ++i) {
    const bool starts = i == 0 || stroke[i].corner;
    const bool ends = i + 2 == knots.size() || stroke[i + 1].corner;
    append_curve(starts ? mirrored(knots[i + 1], knots[i]) : knots[i - 1], knots[i], knots[i + 1],
                 ends ? mirrored(knots[i], knots[i + 1]) : knots[i + 2], path);
  }
  return path;
}

// Scales the paths to a box of `size` pixels (the longer side) and moves its centre to (x, y).
void fit(std::vector<Path>& paths, float size, float x, float y) {
  Point low = paths[0][0], high = low;
  for (const Path& path : paths) {
    for (const Point& p : path) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const float scale = size / std::max(high.x - low.x, high.y - low.y);
  for (Path& path : paths) {
    for (Point& p : path) {
      p = {x + scale * (p.x - (low.x + high.x) / 2), y + scale * (p.y - (low.y + high.y) / 2)};
    }
  }
}

// How far each pixel is outside the ink, in pixels, negative inside.
using Distances = std::array<float, kPixels>;

// A piece of a stroke whose radius goes from r0 to r1.
void draw_piece(Point a, Point b, float r0, float r1, Distances& distances) {
  const float reach = std::max(r0, r1) + 1.5F;  // no edge is softer than this
  const auto clipped = [](float x) { return std::clamp(static_cast<int>(x), 0, kSide - 1); };
  const int left = clipped(std::min(a.x, b.x) - reach);
  const int right = clipped(std::max(a.x, b.x) + reach);
  const int top = clipped(std::min(a.y, b.y) - reach);
  const int bottom = clipped(std::max(a.y, b.y) + reach);
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float inverse = 1 / (dx * dx + dy * dy + 1e-6F);
  for (int y = top; y <= bottom; ++y) {
    const float py = static_cast<float>(y) + 0.5F - a.y;
    for (int x = left; x <= right; ++x) {
      const float px = static_cast<float>(x) + 0.5F - a.x;
      const float t = std::clamp((px * dx + py * dy) * inverse, 0.0F, 1.0F);
      const float ex = px - t * dx, ey = py - t * dy;
      const float outside = std::sqrt(ex * ex + ey * ey) - (r0 + t * (r1 - r0));
      float& best = distances[static_cast<std::size_t>(y * kSide + x)];
      best = std::min(best, outside);
    }
  }
}

// From black outside to `ink` inside over `softness` pixels, with a grain in the ink.
void shade(const Distances& distances, float softness, float ink, ImageDraws& draws,
           std::uint8_t* image) {
  for (std::size_t i = 0; i < kPixels; i += 4) {
    const std::uint32_t grain = draws.word();
    for (std::size_t j = 0; j < 4; ++j) {
      const float depth = std::clamp(0.5F - distances[i + j] / softness, 0.0F, 1.0F);
      const float cover = depth * depth * (3 - 2 * depth);
      const float dark = static_cast<float>(grain >> 8 * j & 255) * (0.1F / 255);
      image[i + j] = static_cast<std::uint8_t>(255 * cover * ink * (1 - dark) + 0.5F);
    }
  }
}

void draw(int digit, ImageDraws& draws, std::uint8_t* image) {
  const std::span<const DigitStyle> styles = digit_styles(digit);
  const DigitStyle& style = styles[draws.below(static_cast<std::uint32_t>(styles.size()))];
  const Hand hand(draws);
  std::vector<Path> paths;
  for (const Stroke& stroke : style) paths.push_back(trace(stroke, hand, draws));
  const float radius = std::max(0.75F, 1.25F + 0.32F * draws.bell());
  const float size = draws.uniform(19.0F, 21.5F) - 2 * radius;
  const float x = 14 + 0.6F * draws.bell();
  const float y = 14 + 0.6F * draws.bell();
  fit(paths, size, x, y);
  Distances distances;
  distances.fill(1e3F);
  const float taper = 0.15F * draws.bell();  // the pen grows heavier or lighter
  for (const Path& path : paths) {
    const float last = static_cast<float>(path.size() - 1);
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const auto pressure = [&](std::size_t k) {
        return radius * (1 + taper * (2 * static_cast<float>(k) / last - 1));
      };
      draw_piece(path[i], path[i + 1], pressure(i), pressure(i + 1), distances);
    }
  }
  const float softness = draws.uniform(1.0F, 1.6F);
  shade(distances, softness, draws.uniform(0.92F, 1.0F), draws, image);
}

}  // namespace

DataSet digits(std::int64_t count, std::uint64_t seed) {
  if (count < 1) throw Error(fmt::format("digits: count must be positive: {}", count));
  Tensor pixels = Tensor::uninitialized(Shape{count, 1, kSide, kSide}, DType::kU8);
  DataSet result{.examples = pixels,
                 .labels = Tensor::uninitialized(Shape{count}, DType::kI32),
                 .source = "built-in digits"};
  std::uint8_t* images = pixels.data<std::uint8_t>();
  std::int32_t* labels = result.labels.data<std::int32_t>();
  parallel_ranges(count, kClasses, [&](std::int64_t first, std::int64_t last) {
    Draws<kClasses> draws(seed, kClassOrder, first / kClasses);
    std::array<std::int32_t, kClasses> classes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (std::uint32_t i = kClasses - 1; i > 0; --i)
      std::swap(classes[i], classes[draws.below(i + 1)]);
    for (std::int64_t i = first; i < last; ++i) {
      labels[i] = classes[static_cast<std::size_t>(i - first)];
      ImageDraws image_draws(seed, kShapes, i);
      draw(labels[i], image_draws, images + i * kPixels);
    }
  });
  return result;
}

}  // namespace hourglass::nn

#include "tools/chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ae/measure/ranking.h"

namespace hourglass::tools {
namespace {

using Colour = std::array<std::uint8_t, 3>;
constexpr Colour kGround = {255, 255, 255}, kAxis = {120, 120, 120}, kGrey = {190, 190, 190},
                 kBlue = {31, 90, 170}, kRed = {205, 40, 40}, kMarked = {250, 220, 215};
constexpr std::int64_t kHeight = 300, kMargin = 12, kBars = 60, kBarWidth = 12, kCourse = 960;

class Canvas {
 public:
  explicit Canvas(std::int64_t inner)
      : width_(inner + 2 * kMargin), pixels_(Shape{kHeight, width_, 3}, DType::kU8) {
    fill(0, width_, 0, kHeight, kGround);
  }

  // Columns and rows from the left and the bottom of the inner part, in pixels.
  void box(std::int64_t left, std::int64_t right, double bottom, double top, const Colour& colour) {
    fill(left + kMargin, right + kMargin, row(top), row(bottom), colour);
  }
  void axis() { fill(kMargin, width_ - kMargin, kHeight - kMargin, kHeight - kMargin + 1, kAxis); }

  static double height() { return static_cast<double>(kHeight - 2 * kMargin); }
  Tensor pixels() const { return pixels_; }

 private:
  static std::int64_t row(double up) {
    return kHeight - kMargin - static_cast<std::int64_t>(std::lround(up));
  }
  void fill(std::int64_t left, std::int64_t right, std::int64_t top, std::int64_t bottom,
            const Colour& colour) {
    left = std::max<std::int64_t>(left, 0);
    right = std::min(right, width_);
    top = std::max<std::int64_t>(top, 0);
    bottom = std::min(bottom, kHeight);
    for (std::int64_t y = top; y < bottom; ++y) {
      for (std::int64_t x = left; x < right; ++x) {
        std::copy(colour.begin(), colour.end(),
                  pixels_.data<std::uint8_t>() + (y * width_ + x) * 3);
      }
    }
  }

  std::int64_t width_;
  Tensor pixels_;
};

// The share of numbers in each bar of [0, most], all that lies beyond in the last.
std::vector<double> shares(const std::vector<double>& numbers, double most) {
  std::vector<double> bars(kBars);
  for (const double x : numbers) {
    const double place = std::clamp(x / most * kBars, 0.0, static_cast<double>(kBars - 1));
    bars[static_cast<std::size_t>(place)] += 1 / static_cast<double>(numbers.size());
  }
  return bars;
}

}  // namespace

Tensor histogram(const std::vector<double>& known, const std::vector<double>& others,
                 double threshold) {
  constexpr double kMost = 0.99;
  double most =
      std::max({ae::quantile(known, kMost), ae::quantile(others, kMost), 1.5 * threshold});
  if (!(most > 0)) most = 1;
  const std::vector<double> grey = shares(known, most), blue = shares(others, most);
  const double highest = std::max(*std::max_element(grey.begin(), grey.end()),
                                  *std::max_element(blue.begin(), blue.end()));
  Canvas canvas(kBars * kBarWidth);
  for (std::int64_t i = 0; i < kBars; ++i) {
    const auto up = [&](const std::vector<double>& bars) {
      return bars[static_cast<std::size_t>(i)] / highest * Canvas::height();
    };
    const std::int64_t left = i * kBarWidth;
    canvas.box(left + 1, left + kBarWidth - 1, 0, up(grey), kGrey);
    canvas.box(left + 1, left + kBarWidth - 1, up(blue) - 1, up(blue) + 1, kBlue);
  }
  const auto at = static_cast<std::int64_t>(threshold / most * kBars * kBarWidth);
  canvas.box(at - 1, at + 1, 0, Canvas::height(), kRed);
  canvas.axis();
  return canvas.pixels();
}

Tensor course(const std::vector<double>& numbers, const std::vector<bool>& marked,
              double threshold) {
  double most = 1.2 * threshold;
  for (const double x : numbers) {
    if (std::isfinite(x)) most = std::max(most, x);
  }
  if (!(most > 0)) most = 1;
  Canvas canvas(kCourse);
  const auto count = static_cast<std::int64_t>(numbers.size());
  const auto first_of = [&](std::int64_t column) { return column * count / kCourse; };
  double before = -1;  // of the column to the left
  for (std::int64_t c = 0; c < kCourse; ++c) {
    double largest = -1;
    bool ground = false;
    for (std::int64_t i = first_of(c); i < std::max(first_of(c + 1), first_of(c) + 1); ++i) {
      const auto place = static_cast<std::size_t>(i);
      if (numbers[place] > largest) largest = numbers[place];
      ground = ground || (!marked.empty() && marked[place]);
    }
    if (ground) canvas.box(c, c + 1, 0, Canvas::height(), kMarked);
    if (largest < 0) continue;
    const double up = largest / most * Canvas::height();
    if (before < 0) before = up;
    canvas.box(c, c + 1, std::min(before, up) - 1, std::max(before, up) + 1, kBlue);
    before = up;
  }
  const double line = threshold / most * Canvas::height();
  canvas.box(0, kCourse, line - 0.5, line + 0.5, kRed);
  canvas.axis();
  return canvas.pixels();
}

}  // namespace hourglass::tools

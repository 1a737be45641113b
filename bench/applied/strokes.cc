#include "bench/applied/strokes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "tensor/files/byte_stream.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kSide = 28;
constexpr double kInner = 22, kHalfWidth = 0.5;

struct Point {
  double x = 0, y = 0;
};
struct Line {
  Point from, to;
};

// How far a point is from a line that ends.
double distance(const Point& p, const Line& line) {
  const double dx = line.to.x - line.from.x, dy = line.to.y - line.from.y;
  const double squared = dx * dx + dy * dy;
  const double along =
      squared > 0 ? ((p.x - line.from.x) * dx + (p.y - line.from.y) * dy) / squared : 0;
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(p.x - line.from.x - t * dx, p.y - line.from.y - t * dy);
}

// The lines of a drawing, in its own units. The first step leads to where the pen is put down.
std::vector<Line> lines_of(const Drawing& drawing) {
  std::vector<Line> lines;
  Point at;
  bool down = false;
  for (const PenStep& step : drawing) {
    const Point to{at.x + step.dx, at.y + step.dy};
    lines.push_back({down ? at : to, to});
    at = to;
    down = step.lifted == 0;
  }
  return lines;
}

void draw(const Drawing& drawing, std::uint8_t* image) {
  std::vector<Line> lines = lines_of(drawing);
  if (lines.empty()) return;
  Point low = lines.front().to, high = low;
  for (const Line& line : lines) {
    low = {std::min(low.x, line.to.x), std::min(low.y, line.to.y)};
    high = {std::max(high.x, line.to.x), std::max(high.y, line.to.y)};
  }
  const double scale = kInner / std::max({high.x - low.x, high.y - low.y, 1.0});
  const auto place = [&](const Point& p) {
    return Point{kSide / 2.0 + scale * (p.x - (low.x + high.x) / 2),
                 kSide / 2.0 + scale * (p.y - (low.y + high.y) / 2)};
  };
  for (Line& line : lines) line = {place(line.from), place(line.to)};
  for (std::int64_t i = 0; i < kSide * kSide; ++i) {
    const Point pixel{static_cast<double>(i % kSide) + 0.5, static_cast<double>(i / kSide) + 0.5};
    double least = kSide;
    for (const Line& line : lines) least = std::min(least, distance(pixel, line));
    image[i] = static_cast<std::uint8_t>(255 * std::clamp(1.5 - (least - kHalfWidth), 0.0, 1.0));
  }
}

}  // namespace

std::vector<Drawing> read_strokes(const std::string& path) {
  const InputFile file(path, "read_strokes");
  ByteStream bytes(file);
  const auto count_of = [&](const char* what, std::int32_t most) {
    std::int32_t count = 0;
    bytes.read(&count, sizeof count, what);
    if (count < 0 || count > most)
      file.fail(fmt::format("{} {}: expected 0 to {}", count, what, most));
    return static_cast<std::size_t>(count);
  };
  std::vector<Drawing> drawings(count_of("drawings", 1 << 24));
  for (Drawing& drawing : drawings) {
    drawing.resize(count_of("steps", 1 << 16));
    bytes.read(drawing.data(), drawing.size() * sizeof(PenStep), "steps");
  }
  bytes.expect_end("the drawings");
  return drawings;
}

Tensor drawn(const std::vector<Drawing>& drawings) {
  Tensor images(Shape{static_cast<std::int64_t>(drawings.size()), kSide, kSide}, DType::kU8);
  std::uint8_t* image = images.data<std::uint8_t>();
  for (const Drawing& drawing : drawings) {
    draw(drawing, image);
    image += kSide * kSide;
  }
  return images;
}

}  // namespace hourglass::bench

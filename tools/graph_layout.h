#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace hourglass::tools {

struct Point {
  double x = 0, y = 0;
};

// Where boxes of known sizes lie and how arrows run between them: the top left corners, and of each
// arrow the points that it goes through. In pixels, from 0, 0.
struct GraphLayout {
  std::vector<Point> corners;
  std::vector<std::vector<Point>> paths;
  double width = 0, height = 0;
};

struct BoxSize {
  double width = 0, height = 0;
};

// In layers, from what reads nothing down (Sugiyama, Tagawa & Toda 1981): an arrow leads to a later
// layer, but for those from a later box to an earlier one, which lead back up; leaves stand just
// above the first that reads them; the order within layers is that of the neighbours' means, which
// boxes then move towards.
GraphLayout layered(const std::vector<BoxSize>& sizes,
                    const std::vector<std::pair<std::size_t, std::size_t>>& arrows);

}  // namespace hourglass::tools

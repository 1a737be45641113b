// Where boxes of a drawn graph lie.

#include "tools/graph_layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

using namespace hourglass::tools;

namespace {

struct Random {
  std::vector<BoxSize> sizes;
  std::vector<std::pair<std::size_t, std::size_t>> arrows;

  // Each box reads some of those before it; now and then an arrow leads back.
  explicit Random(unsigned seed) {
    std::mt19937 draw(seed);
    const std::size_t count = 2 + draw() % 30;
    for (std::size_t to = 0; to < count; ++to) {
      sizes.push_back({20.0 + draw() % 200, 20.0 + draw() % 60});
      for (std::size_t from = 0; from < to; ++from) {
        if (draw() % 4 == 0) arrows.emplace_back(from, to);
        if (draw() % 60 == 0) arrows.emplace_back(to, from);
      }
    }
  }
};

bool is_on_edge(const Point& p, const Point& corner, const BoxSize& size) {
  const bool across = p.x > corner.x && p.x < corner.x + size.width;
  const bool edge =
      std::abs(p.y - corner.y) < 1e-6 || std::abs(p.y - corner.y - size.height) < 1e-6;
  return across && edge;
}

}  // namespace

TEST_CASE("boxes of a drawn graph do not overlap, and arrows run from edge to edge") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Random graph(seed);
    const GraphLayout layout = layered(graph.sizes, graph.arrows);
    int overlaps = 0, outside = 0, astray = 0;
    for (std::size_t a = 0; a < graph.sizes.size(); ++a) {
      const Point& p = layout.corners[a];
      const BoxSize& size = graph.sizes[a];
      outside += p.x < -1e-6 || p.y < -1e-6 || p.x + size.width > layout.width + 1e-6 ||
                 p.y + size.height > layout.height + 1e-6;
      for (std::size_t b = 0; b < a; ++b) {
        const Point& q = layout.corners[b];
        overlaps += p.x < q.x + graph.sizes[b].width && q.x < p.x + size.width &&
                    p.y < q.y + graph.sizes[b].height && q.y < p.y + size.height;
      }
    }
    for (std::size_t i = 0; i < graph.arrows.size(); ++i) {
      const auto [from, to] = graph.arrows[i];
      const std::vector<Point>& path = layout.paths[i];
      astray += !is_on_edge(path.front(), layout.corners[from], graph.sizes[from]) ||
                !is_on_edge(path.back(), layout.corners[to], graph.sizes[to]);
      for (const Point& p : path) outside += p.x < -1e-6 || p.x > layout.width + 1e-6;
    }
    CHECK(overlaps == 0);
    CHECK(outside == 0);
    CHECK(astray == 0);
  }
}

TEST_CASE("what reads comes below what it reads, and a chain stands upright") {
  const GraphLayout chain = layered({{40, 20}, {90, 20}, {40, 20}}, {{0, 1}, {1, 2}});
  CHECK(chain.corners[0].y + 20 < chain.corners[1].y);
  CHECK(chain.corners[1].y + 20 < chain.corners[2].y);
  CHECK(chain.corners[0].x == doctest::Approx(25));
  CHECK(chain.corners[2].x == doctest::Approx(25));
  CHECK(layered({}, {}).paths.empty());
}

namespace {

// The middle of a box, whose height is that of its layer.
double middle(const GraphLayout& layout, const std::vector<BoxSize>& sizes, std::size_t i) {
  return layout.corners[i].y + sizes[i].height / 2;
}

}  // namespace

TEST_CASE("layers are 30 apart, the boxes of one at least 18, and the picture ends where they do") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Random graph(seed);
    const GraphLayout layout = layered(graph.sizes, graph.arrows);
    std::map<double, std::vector<std::size_t>> layers;
    for (std::size_t i = 0; i < graph.sizes.size(); ++i) {
      layers[std::round(middle(layout, graph.sizes, i))].push_back(i);
    }
    double bottom = -30, left = 1e9, right = 0;
    for (const auto& [height, boxes] : layers) {
      double top = 1e9, next = 0;
      for (const std::size_t a : boxes) {
        const double x = layout.corners[a].x, y = layout.corners[a].y;
        top = std::min(top, y);
        next = std::max(next, y + graph.sizes[a].height);
        left = std::min(left, x);
        right = std::max(right, x + graph.sizes[a].width);
        for (const std::size_t b : boxes) {
          if (layout.corners[b].x <= x) continue;
          CHECK(layout.corners[b].x - x - graph.sizes[a].width >= doctest::Approx(18));
        }
      }
      CHECK(top == doctest::Approx(bottom + 30));
      bottom = next;
    }
    CHECK(layout.height == doctest::Approx(bottom));
    CHECK(left >= -1e-6);
    CHECK(right <= layout.width + 1e-6);
  }
}

TEST_CASE("a leaf stands just above the first that reads it, all else as high as it can") {
  // A chain of 0, 1, 2, 3; 4 reads 2 and a leaf, 7 that leaf, another and 6, which reads 0 alone.
  const std::vector<BoxSize> sizes(9, {40, 20});
  const GraphLayout layout = layered(
      sizes, {{2, 3}, {2, 5}, {4, 7}, {5, 7}, {4, 5}, {6, 7}, {0, 6}, {1, 2}, {0, 1}, {8, 0}});
  const auto layer = [&](std::size_t i) { return middle(layout, sizes, i); };
  for (std::size_t i = 0; i < 4; ++i) CHECK(layer(i) == 10.0 + 50.0 * static_cast<double>(i));
  CHECK(layer(4) == layer(2));
  CHECK(layer(5) == layer(3));
  CHECK(layer(6) == layer(1));
  CHECK(layer(7) == layer(3) + 50);
}

TEST_CASE("boxes of a layer are ordered so that arrows do not cross") {
  // 0 to 2 are read by 5, 4, 3, and these by 6, 7, 8.
  const std::vector<BoxSize> sizes(9, {40, 20});
  const GraphLayout layout = layered(sizes, {{0, 5}, {1, 4}, {2, 3}, {5, 6}, {4, 7}, {3, 8}});
  for (const auto& [above, below] : {std::pair{0, 5}, {1, 4}, {2, 3}, {5, 6}, {4, 7}, {3, 8}}) {
    CHECK(layout.corners[static_cast<std::size_t>(above)].x ==
          doctest::Approx(layout.corners[static_cast<std::size_t>(below)].x));
  }
  CHECK(layout.width == doctest::Approx(3 * 40 + 2 * 18));
}

TEST_CASE("an arrow that passes a layer goes upright through a gap of it") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Random graph(seed);
    const GraphLayout layout = layered(graph.sizes, graph.arrows);
    int through = 0, slanted = 0;
    for (const std::vector<Point>& path : layout.paths) {
      REQUIRE(path.size() % 2 == 0);
      for (std::size_t i = 1; i + 1 < path.size(); i += 2) {
        const Point &from = path[i], &to = path[i + 1];
        slanted += from.x != to.x;
        for (std::size_t b = 0; b < graph.sizes.size(); ++b) {
          const Point& corner = layout.corners[b];
          const BoxSize& size = graph.sizes[b];
          through += from.x > corner.x - 22.9 && from.x < corner.x + size.width + 22.9 &&
                     std::max(from.y, to.y) > corner.y + 1 &&
                     std::min(from.y, to.y) < corner.y + size.height - 1;
        }
      }
    }
    CHECK(through == 0);
    CHECK(slanted == 0);
  }
}

TEST_CASE("a box stands under the mean of what it reads, and a leaf comes to its reader") {
  // Three leaves of different widths above one reader; a chain of two is drawn to its middle.
  const std::vector<BoxSize> sizes = {{40, 20}, {100, 20}, {60, 20}, {50, 20}};
  const GraphLayout layout = layered(sizes, {{0, 3}, {1, 3}, {2, 3}});
  const auto centre = [&](std::size_t i) { return layout.corners[i].x + sizes[i].width / 2; };
  CHECK(centre(3) == doctest::Approx((centre(0) + centre(1) + centre(2)) / 3));
  CHECK(layout.corners[1].x == doctest::Approx(40 + 18));
  CHECK(layout.corners[2].x == doctest::Approx(40 + 18 + 100 + 18));
  // A box with an arrow from a box, and from a leaf: the leaf yields.
  const std::vector<BoxSize> four(4, {40, 20});
  const GraphLayout leaning = layered(four, {{0, 1}, {1, 3}, {2, 3}});
  const double box = std::abs(leaning.corners[1].x - leaning.corners[3].x),
               leaf = std::abs(leaning.corners[2].x - leaning.corners[3].x);
  CHECK(box < leaf / 4);
}

TEST_CASE("chains beside each other stand upright, however wide their boxes") {
  const std::vector<BoxSize> sizes = {{40, 20}, {60, 20}, {200, 20}, {40, 20}, {90, 20}, {40, 20}};
  const GraphLayout chains = layered(sizes, {{0, 2}, {1, 3}, {2, 4}, {3, 5}});
  for (std::size_t i = 2; i < 6; ++i) {
    CHECK(chains.corners[i].x + sizes[i].width / 2 ==
          doctest::Approx(chains.corners[i - 2].x + sizes[i - 2].width / 2).epsilon(0.01));
  }
  // An arrow that passes a layer takes as much room as a box 10 wide.
  CHECK(layered({{40, 20}, {40, 20}, {40, 20}}, {{0, 1}, {1, 2}, {0, 2}}).width ==
        doctest::Approx(40 + 18 + 10));
}

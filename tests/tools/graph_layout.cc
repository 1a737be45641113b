// Where boxes of a drawn graph lie.

#include "tools/graph_layout.h"

#include <doctest/doctest.h>

#include <cmath>
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

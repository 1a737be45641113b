#pragma once

#include <string>
#include <vector>

#include "autograd/graph/print.h"
#include "tools/graph_layout.h"

namespace hourglass::tools {

// A box of a drawing: lines of text, and what kind of thing it is, which gives it its colour:
// "parameter", "input", "forward", "backward" or "scope".
struct DrawnBox {
  std::vector<std::string> lines;
  std::string gradient = {};  // one more line, in the colour of the backward pass; none where empty
  std::string kind = "forward";
  std::string tip = {};  // what a pointer shows
};

struct Drawing {
  std::vector<DrawnBox> boxes;  // in an order in which most arrows lead on
  std::vector<std::pair<std::size_t, std::size_t>> arrows;
};

Drawing drawing_of(const GraphPicture& picture);

BoxSize size_of(const DrawnBox& box);

// As an SVG image of its own, in light and dark.
std::string to_svg(const Drawing& drawing, const std::string& title);

// Bars beside lines of text, seconds each.
struct Bar {
  std::string text;
  double seconds = 0;
};
std::string bars_svg(const std::vector<Bar>& bars, const std::string& title);

}  // namespace hourglass::tools

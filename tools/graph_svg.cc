#include "tools/graph_svg.h"

#include <fmt/core.h>

#include <algorithm>

namespace hourglass::tools {
namespace {

constexpr double kLetter = 6.63, kLine = 15, kPad = 8;  // of a monospaced font of 11 pixels
constexpr double kMargin = 8, kBar = 160;
constexpr std::size_t kMostLetters = 120;  // of a bar's text; a pointer shows the whole

constexpr const char* kStyle = R"(<style>
svg { background: #fff; --ink: #1c2026; --line: #8a93a0; --leaf: #f0f2f5; --forward: #1f5fa8; --backward: #b0451c; --weight: #fff6da; }
@media (prefers-color-scheme: dark) {
  svg { background: #14171b; --ink: #e8eaed; --line: #7d8794; --leaf: #262b32; --forward: #7fb2ee; --backward: #f0956b; --weight: #3a3320; }
}
text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink); white-space: pre; }
rect { fill: none; stroke: var(--line); }
.parameter rect { fill: var(--weight); }
.input rect { fill: var(--leaf); }
.forward rect, .scope rect { stroke: var(--forward); }
.scope rect { fill: var(--leaf); }
.backward rect { stroke: var(--backward); }
.gradient { fill: var(--backward); }
path { fill: none; stroke: var(--line); }
marker path { fill: var(--line); stroke: none; }
.bar { fill: var(--forward); stroke: none; }
</style>
)";

constexpr const char* kArrowhead =
    "<defs><marker id=\"head\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"6\" "
    "markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\"/></marker></defs>\n";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string number(double value) {
  std::string text = fmt::format("{:.1f}", value + 0.0);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string point(const Point& p) { return number(p.x) + " " + number(p.y); }

// Down along its layer's gaps, upright at every point.
std::string path_of(const std::vector<Point>& points) {
  std::string text = "M" + point(points[0]);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point &a = points[i - 1], &b = points[i];
    const double middle = (a.y + b.y) / 2;
    text += a.x == b.x ? "L" + point(b)
                       : "C" + point({a.x, middle}) + " " + point({b.x, middle}) + " " + point(b);
  }
  return fmt::format("<path d=\"{}\" marker-end=\"url(#head)\"/>\n", text);
}

std::string text_at(double x, double y, const std::string& text, const char* kind) {
  return fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>", number(x), number(y), kind,
                     escaped(text));
}

// The middle goes first: an instruction ends with the layer that it is of.
std::string shortened(const std::string& text) {
  if (text.size() <= kMostLetters) return text;
  const std::size_t at = text.rfind("  # ");
  const std::string end = at == std::string::npos ? "" : text.substr(at);
  if (end.size() + 3 >= kMostLetters) return text.substr(0, kMostLetters - 3) + "...";
  return text.substr(0, kMostLetters - 3 - end.size()) + "..." + end;
}

std::string box_text(const DrawnBox& box, const Point& corner) {
  const BoxSize size = size_of(box);
  std::string text = fmt::format("<g class=\"{}\">", box.kind);
  if (!box.tip.empty()) text += "<title>" + escaped(box.tip) + "</title>";
  text += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
                      number(corner.x), number(corner.y), number(size.width), number(size.height),
                      box.kind == "parameter" || box.kind == "input" ? 0 : 6);
  double y = corner.y + kPad + 8;
  for (const std::string& line : box.lines) {
    text += text_at(corner.x + kPad, y, line, "");
    y += kLine;
  }
  if (!box.gradient.empty())
    text += text_at(corner.x + kPad, y, box.gradient, " class=\"gradient\"");
  return text + "</g>\n";
}

std::string image(double width, double height, const std::string& title,
                  const std::string& inside) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{0} {0} {1} {2}\" width=\"{1}\" "
      "height=\"{2}\" role=\"img\">\n<title>{3}</title>\n{4}{5}</svg>\n",
      number(-kMargin), number(width + 2 * kMargin), number(height + 2 * kMargin), escaped(title),
      kStyle, inside);
}

}  // namespace

Drawing drawing_of(const GraphPicture& picture) {
  Drawing drawing;
  for (const GraphPicture::Box& box : picture.boxes) {
    const char* kind = box.lines.size() == 1        ? "scope"
                       : is_parameter(box.nodes[0]) ? "parameter"
                       : box.is_leaf()              ? "input"
                       : box.backward               ? "backward"
                                                    : "forward";
    drawing.boxes.push_back({box.lines, box.gradient, kind, box.name});
  }
  drawing.arrows = picture.arrows;
  return drawing;
}

BoxSize size_of(const DrawnBox& box) {
  std::size_t letters = box.gradient.size(), lines = box.lines.size() + !box.gradient.empty();
  for (const std::string& line : box.lines) letters = std::max(letters, line.size());
  return {kLetter * static_cast<double>(letters) + 2 * kPad,
          kLine * static_cast<double>(lines) + 2 * kPad - 4};
}

std::string to_svg(const Drawing& drawing, const std::string& title) {
  std::vector<BoxSize> sizes;
  for (const DrawnBox& box : drawing.boxes) sizes.push_back(size_of(box));
  const GraphLayout layout = layered(sizes, drawing.arrows);
  std::string inside = kArrowhead;
  for (const std::vector<Point>& path : layout.paths) inside += path_of(path);
  for (std::size_t i = 0; i < drawing.boxes.size(); ++i) {
    inside += box_text(drawing.boxes[i], layout.corners[i]);
  }
  return image(layout.width, layout.height, title, inside);
}

std::string bars_svg(const std::vector<Bar>& bars, const std::string& title) {
  double longest = 0, width = 0, y = 0;
  for (const Bar& bar : bars) longest = std::max(longest, bar.seconds);
  std::string inside;
  for (const Bar& bar : bars) {
    const double share = longest > 0 ? bar.seconds / longest : 0;
    inside += fmt::format("<rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"9\"/>",
                          number(kBar * (1 - share)), number(y + 2), number(kBar * share));
    const std::string text = shortened(fmt::format("{:>9.1f} us  {}", bar.seconds * 1e6, bar.text));
    inside += "<g><title>" + escaped(bar.text) + "</title>" +
              text_at(kBar + kPad, y + 10, text, "") + "</g>\n";
    width = std::max(width, kBar + kPad + kLetter * static_cast<double>(text.size()));
    y += kLine;
  }
  return image(width, y, title, inside);
}

}  // namespace hourglass::tools

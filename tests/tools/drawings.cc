// Charts and drawn graphs: where things lie in them.

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/tools/program.h"
#include "tools/chart.h"
#include "tools/graph_svg.h"

using namespace hourglass;
using namespace hourglass::tools;

namespace {

enum class Ink { kWhite, kGrey, kBlue, kRed, kMarked, kAxis, kOther };

// Points of a chart from the left and the bottom of its inner part.
struct Chart {
  Tensor pixels;

  Ink at(std::int64_t x, std::int64_t y) const {
    const std::int64_t row = 287 - y, width = pixels.shape()[1];
    const auto* p = pixels.data<std::uint8_t>() + (row * width + 12 + x) * 3;
    const std::vector<int> colour{p[0], p[1], p[2]};
    const std::vector<std::vector<int>> inks = {{255, 255, 255}, {190, 190, 190}, {31, 90, 170},
                                                {205, 40, 40},   {250, 220, 215}, {120, 120, 120}};
    std::size_t ink = 0;
    while (ink < inks.size() && inks[ink] != colour) ++ink;
    return static_cast<Ink>(ink);
  }
  // How many of a column's points have an ink, from the axis up.
  int count(std::int64_t x, Ink ink) const {
    int found = 0;
    for (std::int64_t y = 0; y < 288; ++y) found += at(x, y) == ink;
    return found;
  }
};

std::vector<double> numbers_in(const std::string& text, const std::string& pattern) {
  std::vector<double> found;
  for (const auto& match : test::matches(text, pattern)) {
    for (std::size_t i = 1; i < match.size(); ++i) found.push_back(std::stod(match[i]));
  }
  return found;
}

}  // namespace

TEST_CASE("a histogram has a bar of twelve pixels for each sixtieth of what it shows") {
  // Up to one and a half thresholds: 60, so that a bar is 1 wide; what lies beyond is in the last.
  const Chart chart{histogram({0.5, 0.5, 0.5, 10.5}, {20.5, 20.5, 20.5, 59.5}, 40)};
  REQUIRE(chart.pixels.shape() == Shape{300, 744, 3});
  CHECK(chart.count(1, Ink::kGrey) == 275);  // the highest, but for the others' line over it
  CHECK(chart.count(10, Ink::kGrey) == 275);
  CHECK(chart.count(11, Ink::kGrey) == 0);  // bars stand apart
  for (const std::int64_t x : {0, 12, 10 * 12 - 1, 10 * 12, 20 * 12 - 1, 20 * 12, 59 * 12}) {
    CHECK(chart.count(x, Ink::kGrey) + chart.count(x, Ink::kBlue) == 0);
  }
  CHECK(chart.count(10 * 12 + 5, Ink::kGrey) == 91);  // a third of it
  CHECK(chart.at(20 * 12 + 5, 276) == Ink::kBlue);
  CHECK(chart.at(20 * 12 + 5, 275) == Ink::kBlue);
  CHECK(chart.at(20 * 12 + 5, 274) == Ink::kWhite);
  CHECK(chart.at(59 * 12 + 5, 92) == Ink::kBlue);
  CHECK(chart.at(59 * 12 + 5, 91) == Ink::kBlue);
  CHECK(chart.count(59 * 12 + 5, Ink::kBlue) == 2);
  CHECK(chart.count(40 * 12 - 2, Ink::kRed) == 0);
  CHECK(chart.count(40 * 12 - 1, Ink::kRed) == 276);
  CHECK(chart.count(40 * 12, Ink::kRed) == 276);
  CHECK(chart.count(40 * 12 + 1, Ink::kRed) == 0);
  CHECK(chart.at(0, -1) == Ink::kAxis);
  CHECK(chart.at(719, -1) == Ink::kAxis);
  CHECK(chart.at(720, -1) == Ink::kWhite);
  CHECK(chart.at(719, -2) == Ink::kWhite);
}

TEST_CASE("a histogram leaves out no far number, and is drawn of zeros too") {
  std::vector<double> known(201, 0.45), others(201, 0.45);
  known[7] = 1e6;  // one of so many does not squeeze the others
  others[9] = 1e9;
  const Chart far{histogram(known, others, 0.6)};
  CHECK(far.count(30 * 12 + 5, Ink::kGrey) == 275);  // and the others' line on its top
  CHECK(far.at(59 * 12 + 5, 1) == Ink::kBlue);
  const Chart zeros{histogram({0, 0}, {0}, 0)};
  CHECK(zeros.count(5, Ink::kGrey) == 275);
  CHECK(zeros.count(5 * 12 + 5, Ink::kGrey) == 0);
}

TEST_CASE("a course goes from number to number, over marked ground, with the largest of a pixel") {
  // 960 columns, two numbers each; up to 1.2 thresholds: 120.
  std::vector<double> numbers(1920, 60.0);
  std::vector<bool> marked(1920);
  numbers[2 * 100 + 1] = 90;
  numbers[2 * 100] = 30;
  for (std::size_t i = 2 * 500; i < 1920; ++i) numbers[i] = 30;  // a step down
  numbers[2 * 200] = numbers[2 * 200 + 1] = std::numeric_limits<double>::quiet_NaN();
  marked[2 * 300 + 1] = true;
  const Chart chart{course(numbers, marked, 100)};
  REQUIRE(chart.pixels.shape() == Shape{300, 984, 3});
  CHECK(chart.count(50, Ink::kBlue) == 2);  // 60 of 120, 276 pixels high: 138
  CHECK(chart.at(50, 138) == Ink::kBlue);
  CHECK(chart.at(0, 138) == Ink::kBlue);
  CHECK(chart.at(959, 68) == Ink::kBlue);
  CHECK(chart.at(50, 137) == Ink::kBlue);
  CHECK(chart.count(99, Ink::kBlue) == 2);
  for (const std::int64_t x : {100, 101}) {  // up to 207 and down again
    CHECK(chart.count(x, Ink::kBlue) == 71);
    CHECK(chart.at(x, 207) == Ink::kBlue);
    CHECK(chart.at(x, 208) == Ink::kWhite);
  }
  CHECK(chart.count(102, Ink::kBlue) == 2);
  CHECK(chart.count(200, Ink::kBlue) == 0);
  CHECK(chart.count(500, Ink::kBlue) == 71);
  CHECK(chart.count(501, Ink::kBlue) == 2);
  CHECK(chart.at(501, 68) == Ink::kBlue);
  CHECK(chart.count(199, Ink::kMarked) == 0);
  CHECK(chart.count(299, Ink::kMarked) == 0);
  CHECK(chart.count(300, Ink::kMarked) == 276 - 2 - 1);  // the course, the threshold
  CHECK(chart.count(301, Ink::kMarked) == 0);
  CHECK(chart.at(0, 230) == Ink::kRed);
  CHECK(chart.count(959, Ink::kRed) == 1);
  CHECK(chart.at(959, -1) == Ink::kAxis);
}

TEST_CASE("a course of few numbers is as wide, and higher than its threshold where they are") {
  const Chart chart{course({0, 10, 40}, {}, 10)};
  CHECK(chart.at(100, 0) == Ink::kBlue);
  CHECK(chart.at(319, 1) == Ink::kWhite);
  CHECK(chart.at(400, 69) == Ink::kRed);  // the threshold lies over the course
  CHECK(chart.at(640, 276) == Ink::kBlue);
  CHECK(chart.at(959, 275) == Ink::kBlue);
  CHECK(chart.count(400, Ink::kMarked) == 0);
  const Chart low{course({0, 0.5}, {}, 0.25)};  // as high as the picture, whatever the unit
  CHECK(low.at(959, 275) == Ink::kBlue);
  CHECK(low.at(0, 138) == Ink::kRed);
  const Chart zeros{course({0, 0}, {}, 0)};
  CHECK(zeros.count(0, Ink::kRed) == 1);
}

TEST_CASE("bars end where their texts begin, as long as their seconds, a line below the other") {
  const std::string svg =
      bars_svg({{"a < \"b\" & c", 4e-6}, {"twice  # decoder.0", 2e-6}, {"none", 0}}, "A & B");
  CHECK(svg.find("<title>A &amp; B</title>") != std::string::npos);
  CHECK(svg.find("      4.0 us  a &lt; &quot;b&quot; &amp; c</text>") != std::string::npos);
  const std::vector<double> bars =
      numbers_in(svg, "class=\"bar\" x=\"(\\S+)\" y=\"(\\S+)\" width=\"(\\S+)\"");
  CHECK(bars == std::vector<double>{0, 2, 160, 80, 17, 80, 160, 32, 0});
  CHECK(numbers_in(svg, "<text x=\"(\\S+)\" y=\"(\\S+)\">") ==
        std::vector<double>{168, 10, 168, 25, 168, 40});
  // 14 letters of the number, 18 of the longest text, each 6.63 wide; a margin of 8 around.
  CHECK(numbers_in(svg, "viewBox=\"(\\S+) (\\S+) (\\S+) (\\S+)\" w") ==
        std::vector<double>{-8, -8, 396.2, 61});
  CHECK(numbers_in(svg, "width=\"(\\S+)\" height=\"(\\S+)\" role") ==
        std::vector<double>{396.2, 61});
}

TEST_CASE("a long text beside a bar is cut at 120 letters, and keeps what layer it is of") {
  const auto shown = [](const std::string& text) {
    const std::string svg = bars_svg({{text, 1e-6}}, "");
    const std::size_t at = svg.find(" us  ") - 9;
    return svg.substr(at, svg.find("</text>") - at);
  };
  const std::string fits(120 - 14, 'x');
  CHECK(shown(fits).ends_with("  " + fits));
  CHECK(shown(fits + "y") == "      1.0 us  " + std::string(103, 'x') + "...");
  CHECK(shown(fits + "  # encoder.1") ==
        "      1.0 us  " + std::string(103 - 13, 'x') + "...  # encoder.1");
  const std::string endless = "x  # " + std::string(200, 'y');
  CHECK(shown(endless) == "      1.0 us  " + endless.substr(0, 103) + "...");
}

TEST_CASE("a drawn box holds its lines, its gradient last, and leaves have corners") {
  const Drawing drawing{{{{"input"}, "", "input", "a \"tip\""}, {{"%1 relu", "0.5"}, "d 2"}},
                        {{0, 1}}};
  const std::string svg = to_svg(drawing, "two");
  CHECK(svg.find("<g class=\"input\"><title>a &quot;tip&quot;</title>") != std::string::npos);
  CHECK(svg.find("<g class=\"forward\"><rect") != std::string::npos);
  // The wider is 7 letters and twice 8 wide; the other's middle is above its own.
  CHECK(numbers_in(svg,
                   "<rect x=\"(\\S+)\" y=\"(\\S+)\" width=\"(\\S+)\" height=\"(\\S+)\" "
                   "rx=\"(\\S+)\"/>") ==
        std::vector<double>{6.6, 0, 49.1, 27, 0, 0, 57, 62.4, 57, 6});
  CHECK(numbers_in(svg, "<text x=\"(\\S+)\" y=\"(\\S+)\"") ==
        std::vector<double>{14.6, 16, 8, 73, 8, 88, 8, 103});
  CHECK(svg.find("class=\"gradient\">d 2</text></g>") != std::string::npos);
  CHECK(svg.find("<path d=\"M31.2 27L31.2 57\" marker-end") != std::string::npos);
  CHECK(numbers_in(svg, "viewBox=\"(\\S+) (\\S+) (\\S+) (\\S+)\" w") ==
        std::vector<double>{-8, -8, 78.4, 130});
}

TEST_CASE("an arrow between boxes that do not stand above each other bends halfway") {
  const Drawing drawing{{{{"a"}}, {{"b"}}, {{"c", "d"}}}, {{0, 2}, {1, 2}}};
  const std::string svg = to_svg(drawing, "");
  const std::vector<double> curve =
      numbers_in(svg, "M(\\S+) (\\S+)C(\\S+) (\\S+) (\\S+) (\\S+) (\\S+) (\\S+)\"");
  REQUIRE(curve.size() == 16);
  for (std::size_t i = 0; i < 16; i += 8) {
    const double x = curve[i], y = curve[i + 1], to_x = curve[i + 6], to_y = curve[i + 7];
    CHECK(x != to_x);
    CHECK(std::vector<double>(curve.begin() + static_cast<long>(i) + 2,
                              curve.begin() + static_cast<long>(i) + 6) ==
          std::vector<double>{x, (y + to_y) / 2, to_x, (y + to_y) / 2});
  }
}

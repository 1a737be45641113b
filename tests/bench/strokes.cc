#include "bench/applied/strokes.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tensor/error.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::bench;
using namespace hourglass::test;

namespace {

void write_words(const std::string& path, const std::vector<std::int16_t>& words) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(words.data()),
             static_cast<std::streamsize>(2 * words.size()));
}

}  // namespace

TEST_CASE("strokes are read as they were written, and drawn where the pen was down") {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.bin");
  // One drawing: down, 20 to the right, up; 20 below it down again, 20 back.
  write_words(path, {1, 0, 4, 0, 0, 0, 0, 20, 0, 1, 0, 20, 0, -20, 0, 1});
  const std::vector<Drawing> drawings = read_strokes(path);
  REQUIRE(drawings.size() == 1);
  REQUIRE(drawings[0].size() == 4);
  CHECK(drawings[0][1].dx == 20);
  CHECK(drawings[0][1].lifted == 1);
  CHECK(drawings[0][3].dx == -20);
  const Tensor image = drawn(drawings);
  CHECK(image.shape() == Shape{1, 28, 28});
  const auto pixel = [&](std::int64_t x, std::int64_t y) { return image.at(28 * y + x); };
  CHECK(pixel(14, 3) == 255);   // the upper line
  CHECK(pixel(14, 24) == 255);  // the lower one
  CHECK(pixel(25, 14) == 0);    // the pen was lifted on the way between them
  CHECK(pixel(14, 14) == 0);
}

TEST_CASE("a file of strokes that breaks off or counts what cannot be is one line") {
  const TemporaryFolder folder;
  const std::string path = folder.path("b.bin");
  write_words(path, {1, 0, 4, 0, 1, 2});
  CHECK_THROWS_WITH_AS(read_strokes(path), doctest::Contains("the data break off"), Error);
  write_words(path, {-1, -1});
  CHECK_THROWS_WITH_AS(read_strokes(path), doctest::Contains("-1 drawings: expected 0 to 16777216"),
                       Error);
}

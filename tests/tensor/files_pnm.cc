#include "tensor/files/pnm.h"

#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

Tensor levels(const std::vector<std::uint8_t>& values, const Shape& shape) {
  return Tensor::from(values, shape);
}

}  // namespace

TEST_CASE("PNM images of all six formats are read") {
  const TempFolder dir;
  const auto read = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return read_pnm(dir / "x");
  };
  const Tensor bits = levels({0, 255, 255, 0, 0, 255}, {2, 3});
  CHECK(read("P1\n# a comment\n3 2\n1 0 0\n110\n").identical(bits));
  CHECK(read("P4 3 2\n\x80\xc0"s).identical(bits));
  const Tensor grey = levels({0, 128, 255, 7}, {2, 2});
  CHECK(read("P2 2 2 255\n0 128\n255 7\n").identical(grey));
  CHECK(read("P5\n2 2\n255\n\x00\x80\xff\x07"s).identical(grey));
  const Tensor colour = levels({1, 2, 3, 4, 5, 6}, {1, 2, 3});
  CHECK(read("P3 2 1 255 1 2 3 4 5 6").identical(colour));
  CHECK(read("P6 2 1 255\n\x01\x02\x03\x04\x05\x06"s).identical(colour));
  CHECK(read("P2 3 1 2 0 1 2").identical(levels({0, 128, 255}, {1, 3})));
  CHECK(read("P5 2 1 65535\n\x80\x00\xff\xff"s)
            .identical(Tensor::from<float>({32768.0F / 65535, 1}, {1, 2})));
}

TEST_CASE("a bad PNM image says at which byte") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_pnm(dir / "x"); });
  };
  CHECK(text("P7\n") == "read_pnm: DIR/x: byte 0: not a PNM image: expected P1 to P6, found text");
  CHECK(text("P5 2 2 255\nabc") ==
        "read_pnm: DIR/x: byte 14: the file ends here: expected more pixels");
  CHECK(text("P5 2 2 255\nabcde") ==
        "read_pnm: DIR/x: byte 15: more data than expected after the image");
  CHECK(text("P2 2 1 255 1 300") == "read_pnm: DIR/x: byte 13: a level: expected at most 255");
  CHECK(text("P5 2 1 100\nzz") == "read_pnm: DIR/x: byte 11: a level of 122: expected at most 100");
  CHECK(text("P2 x") == "read_pnm: DIR/x: byte 3: expected the width, a number");
  CHECK(text("P1 2 1 0 2") == "read_pnm: DIR/x: byte 10: expected a pixel, 0 or 1");
  CHECK(text("P5 0 1 255\n") == "read_pnm: DIR/x: byte 0: an image of 0 x 1 pixels and 255 levels");
  CHECK(
      text("P5 60000 60000 255\nab") ==
      "read_pnm: DIR/x: byte 0: an image of 60000 x 60000 pixels does not fit a file of 21 bytes");
}

TEST_CASE("no damage to a PNM image does worse than a FileError") {
  const TempFolder dir;
  damage(dir / "x", "P6 2 1 255\n\x01\x02\x03\x04\x05\x06",
         [](const std::string& p) { read_pnm(p); });
}

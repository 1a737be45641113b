#include "tensor/files/jpeg.h"

#include <string>

#include "tensor/error.h"
#include "tests/tensor/files_support.h"
#include "tests/tensor/pictures.h"

using namespace hourglass;
using hourglass::test::error_of;
using hourglass::test::farthest;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

Tensor smooth(const Shape& shape) {
  Tensor image(shape, DType::kU8);
  const std::int64_t channels = shape.rank() == 3 ? shape[2] : 1;
  for (std::int64_t i = 0; i < image.elements(); ++i) {
    const std::int64_t pixel = i / channels, x = pixel % shape[1], y = pixel / shape[1];
    image.data<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(40 + 3 * x + 2 * y + 30 * (i % channels));
  }
  return image;
}

}  // namespace

TEST_CASE("JPEG images come back nearly as they were, grey ones grey") {
  const TempFolder dir;
  for (const Shape& shape : {Shape{1, 1}, Shape{24, 33}, Shape{24, 33, 3}}) {
    const Tensor image = smooth(shape);
    put(dir / "x", jpeg_bytes(image, 100));
    const Tensor back = read_jpeg(dir / "x");
    REQUIRE(back.shape() == shape);
    CHECK(farthest(image, back) <= 3);
  }
}

TEST_CASE("jpeg_bytes refuses what is no image, and a quality that there is not") {
  const TempFolder dir;
  const auto text = [&](const Tensor& image, int quality) {
    return error_of<Error>(dir, [&] { jpeg_bytes(image, quality); });
  };
  CHECK(text(Tensor(), 90) == "jpeg_bytes: the image is undefined");
  CHECK(text(Tensor({2, 2}, DType::kF32), 90) ==
        "jpeg_bytes: expected u8 [H, W] or [H, W, 3]: got f32 [2, 2]");
  CHECK(text(Tensor({2, 0}, DType::kU8), 90) ==
        "jpeg_bytes: sizes must be from 1 to 65500: [2, 0]");
  for (const int quality : {0, 101}) {
    CHECK(text(smooth({2, 2}), quality) ==
          "jpeg_bytes: quality: expected 1 to 100: got " + std::to_string(quality));
  }
}

TEST_CASE("a JPEG image that is cut anywhere is refused, by one line") {
  const TempFolder dir;
  const std::string whole = jpeg_bytes(smooth({24, 33, 3}), 90);
  for (std::size_t n = 0; n + 2 < whole.size(); n += n < 30 ? 1 : 13) {
    CAPTURE(n);
    put(dir / "x", whole.substr(0, n));
    CHECK(error_of(dir, [&] { read_jpeg(dir / "x"); }).starts_with("read_jpeg: DIR/x: "));
  }
  put(dir / "x", whole.substr(0, whole.size() / 2));
  CHECK(error_of(dir, [&] { read_jpeg(dir / "x"); }) ==
        "read_jpeg: DIR/x: Premature end of JPEG file");
  put(dir / "x", "GIF89a");
  CHECK(error_of(dir, [&] { read_jpeg(dir / "x"); }) ==
        "read_jpeg: DIR/x: byte 0: not a JPEG image: found a GIF image");
}

// The frame's header, SOF0, or SOF9 for arithmetic codes: its marker, length, precision, height, width.
TEST_CASE("a JPEG image of one colour is small, but not as small as its header pleases") {
  const TempFolder dir;
  const Shape shape{1000, 1200, 3};
  const Tensor white = Tensor::full(shape, 255, DType::kU8);
  std::string bytes = jpeg_bytes(white, 90);
  put(dir / "x", bytes);
  CHECK(farthest(white, read_jpeg(dir / "x")) == 0);
  const std::size_t frame = bytes.find("\xff\xc0");
  REQUIRE(frame != std::string::npos);
  bytes.replace(frame + 5, 4, "\xfd\xe8\xfd\xe8");
  put(dir / "x", bytes);
  CHECK(error_of(dir, [&] { read_jpeg(dir / "x"); }) ==
        "read_jpeg: DIR/x: " + std::to_string(bytes.size()) +
            " bytes cannot hold 65000 by 65000 pixels");
  bytes[frame + 1] = '\xc9';
  put(dir / "x", bytes);
  CHECK(error_of(dir, [&] { read_jpeg(dir / "x"); }) ==
        "read_jpeg: DIR/x: its arithmetic coding is not read, only Huffman's");
}

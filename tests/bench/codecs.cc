#include "bench/baselines/codecs.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "nn/data/digits.h"
#include "tests/tensor/pictures.h"

using namespace hourglass;
using namespace hourglass::bench;
using hourglass::test::farthest;

namespace {

Tensor some_digits(std::int64_t count) {
  return nn::digits(count, 1).rows().tensor().reshape({count, 28, 28});
}

}  // namespace

TEST_CASE("images in one picture are framed to whole blocks by their own borders, and come back") {
  Tensor images(Shape{51, 3, 2}, DType::kU8);
  for (std::int64_t i = 0; i < images.elements(); ++i) {
    images.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 251);
  }
  const Tensor sheet = sheet_of(images);
  CHECK(sheet.shape() == Shape{16, 400});
  CHECK(images_in(sheet, images.shape()).identical(images));
  CHECK(sheet.at(0) == images.at(0));            // above and left of the first image
  CHECK(sheet.at(7 * 400 + 7) == images.at(5));  // below and right of it
}

TEST_CASE("what a codec gives back is nearer the more bytes it takes") {
  const Tensor digits = some_digits(20), sheet = sheet_of(digits);
  const Coded coarse = jpeg_coded(sheet, 5), fine = jpeg_coded(sheet, 100);
  CHECK(coarse.bytes < fine.bytes / 3);
  CHECK(farthest(coarse.picture, sheet) > 20);
  CHECK(farthest(fine.picture, sheet) <= 6);
  if (!has_webp()) return;
  CHECK(webp_coded(sheet, 5).bytes < webp_coded(sheet, 90).bytes / 2);
  CHECK(webp_coded(sheet, kLossless).picture.identical(sheet));
}

TEST_CASE("a scratch file is gone when it is no longer needed") {
  std::string path;
  {
    const ScratchFile file;
    path = file.path();
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

#include "tensor/files/images.h"

#include <cmath>

#include "tensor/error.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using hourglass::test::error_of;
using hourglass::test::of_bytes;
using hourglass::test::TempFolder;

TEST_CASE("image_grid lays images row by row with gaps between and around") {
  const Tensor images = of_bytes({1, 2, 3, 4, 5, 6}, {3, 1, 2});
  const Tensor sheet = image_grid(images, {.columns = 2, .gap = 1, .background = 9});
  CHECK(sheet.identical(of_bytes({9, 9, 9, 9, 9, 9, 9,  //
                                  9, 1, 2, 9, 3, 4, 9,  //
                                  9, 9, 9, 9, 9, 9, 9,  //
                                  9, 5, 6, 9, 9, 9, 9,  //
                                  9, 9, 9, 9, 9, 9, 9},
                                 {5, 7})));
  CHECK(
      image_grid(images, {.columns = 3, .gap = 0}).identical(of_bytes({1, 2, 3, 4, 5, 6}, {1, 6})));
  CHECK(image_grid(images).shape() == Shape{2 + 2 * 3, 2 + 2 * 4});  // two columns, two rows
}

TEST_CASE("image_grid enlarges by whole pixels and keeps colours") {
  const Tensor image = of_bytes({1, 2, 3, 4, 5, 6}, {1, 1, 2, 3});
  CHECK(image_grid(image, {.gap = 1, .background = 0, .scale = 2})
            .identical(of_bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                 0, 0, 0, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 0, 0, 0,  //
                                 0, 0, 0, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 0, 0, 0,  //
                                 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                                {4, 6, 3})));
}

TEST_CASE("image_pairs puts each image over its partner") {
  const Tensor a = of_bytes({1, 2, 3}, {3, 1, 1}), b = of_bytes({4, 5, 6}, {3, 1, 1});
  CHECK(image_pairs(a, b, {.gap = 0}).identical(of_bytes({1, 2, 3, 4, 5, 6}, {2, 3})));
  CHECK(
      image_pairs(of_bytes({1, 2, 3, 4}, {2, 1, 2}), of_bytes({5, 6, 7, 8}, {2, 1, 2}), {.gap = 0})
          .identical(of_bytes({1, 2, 3, 4, 5, 6, 7, 8}, {2, 4})));
  // Two columns: 1 2 over 4 5, then 3 over 6 beside a blank, apart by four gaps.
  CHECK(image_pairs(a, b, {.columns = 2, .gap = 1, .background = 9})
            .identical(of_bytes({9, 9, 9, 9, 9, 9, 1, 9, 2, 9, 9, 9, 9, 9, 9, 9, 4, 9, 5, 9,
                                 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
                                 9, 3, 9, 9, 9, 9, 9, 9, 9, 9, 9, 6, 9, 9, 9, 9, 9, 9, 9, 9},
                                {12, 5})));
}

TEST_CASE("to_u8_image rounds and clips, and takes NaN for black") {
  const Tensor x = Tensor::from<float>(
      {0, 1, 0.5F, -3, 7, NAN, 0.1F, 1.4999F / 255, 1.5001F / 255, INFINITY}, {10});
  const Tensor expected = of_bytes({0, 255, 128, 0, 255, 0, 26, 1, 2, 255}, {10});
  CHECK(to_u8_image(x).identical(expected));
  CHECK(to_u8_image(x.cast(DType::kF64)).identical(expected));
}

TEST_CASE("image_grid refuses what is no sheet of images") {
  const TempFolder dir;
  const auto text = [&](const Tensor& images, const GridOptions& options = {}) {
    return error_of<Error>(dir, [&] { image_grid(images, options); });
  };
  const Tensor images({3, 2, 2}, DType::kU8);
  CHECK(text(Tensor({2, 2}, DType::kU8)) ==
        "image_grid: expected u8 [N, H, W] or [N, H, W, 3]: got u8 [2, 2]");
  CHECK(text(Tensor({1, 2, 2}, DType::kF32)) ==
        "image_grid: expected u8 [N, H, W] or [N, H, W, 3]: got f32 [1, 2, 2]");
  CHECK(text(Tensor({0, 2, 2}, DType::kU8)) ==
        "image_grid: expected at least one pixel: got [0, 2, 2]");
  CHECK(text(images, {.columns = -1}) == "image_grid: columns: expected 0 to 1048576: got -1");
  CHECK(text(images, {.scale = 0}) == "image_grid: scale: expected 1 to 1024: got 0");
  CHECK(text(images, {.background = 256}) == "image_grid: background: expected 0 to 255: got 256");
  CHECK(text(images, {.gap = 5000}) == "image_grid: gap: expected 0 to 1024: got 5000");
  CHECK(text(Tensor({3, 200, 200}, DType::kU8), {.scale = 1024}) ==
        "image_grid: a sheet of more than 2^31 pixels: [3, 200, 200], scale 1024");
  CHECK(error_of<Error>(dir, [&] {
          image_pairs(images, Tensor({2, 2, 2}, DType::kU8));
        }) == "image_pairs: shapes differ: a=[3, 2, 2], b=[2, 2, 2]");
  CHECK(error_of<Error>(dir, [&] { to_u8_image(images); }) ==
        "to_u8_image: expected f32 or f64: got u8");
}

#include "tensor/files/png.h"

#include <string>
#include <vector>

#include <zlib.h>

#include "tensor/error.h"
#include "tests/tensor/files_support.h"
#include "tests/tensor/png_support.h"

using namespace std::string_literals;
using namespace hourglass;
using hourglass::test::chunk;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::of_bytes;
using hourglass::test::Png;
using hourglass::test::put;
using hourglass::test::TempFolder;

TEST_CASE("grey and colour images come back as they were written, equal images give equal bytes") {
  const TempFolder dir;
  for (const Shape& shape :
       {Shape{1, 1}, Shape{5, 7}, Shape{300, 200}, Shape{1, 1, 3}, Shape{40, 30, 3}}) {
    Tensor image(shape, DType::kU8);
    for (std::int64_t i = 0; i < image.elements(); ++i) {
      image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * i % 253);
    }
    write_png(dir / "x.png", image);
    CHECK(read_png(dir / "x.png").identical(image));
    write_png(dir / "y.png", image);
    CHECK(get(dir / "x.png") == get(dir / "y.png"));
    CHECK(get(dir / "x.png") == png_bytes(image));
    CHECK(get(dir / "x.png").find("tIME") == std::string::npos);
  }
}

TEST_CASE("PNG images of every kind become u8") {
  const TempFolder dir;
  const auto read = [&](const Png& png) {
    put(dir / "x.png", png.text());
    return read_png(dir / "x.png");
  };
  // 1, 2 and 4 bits are stretched to 0..255.
  CHECK(read({.width = 3, .height = 2, .bits = 1, .rows = "\0\xa0\0\x40"s})
            .identical(of_bytes({255, 0, 255, 0, 255, 0}, {2, 3})));
  CHECK(read({.width = 4, .height = 1, .bits = 2, .rows = "\0\x1b"s})
            .identical(of_bytes({0, 85, 170, 255}, {1, 4})));
  CHECK(read({.width = 2, .height = 1, .bits = 4, .rows = "\0\x1f"s})
            .identical(of_bytes({17, 255}, {1, 2})));
  // 16 bits are rounded: 0x00ff / 257 = 0.99 and 0x8100 / 257 = 128.498.
  CHECK(read({.width = 3, .height = 1, .bits = 16, .rows = "\0\0\xff\x81\0\xff\xff"s})
            .identical(of_bytes({1, 128, 255}, {1, 3})));
  CHECK(read({.width = 1, .height = 1, .bits = 16, .colour = 2, .rows = "\0\1\1\2\2\3\3"s})
            .identical(of_bytes({1, 2, 3}, {1, 1, 3})));
  CHECK(read({.width = 2,
              .height = 1,
              .colour = 3,
              .chunks = chunk("PLTE", "abcdef"),
              .rows = "\0\1\0"s})
            .identical(of_bytes({'d', 'e', 'f', 'a', 'b', 'c'}, {1, 2, 3})));
}

TEST_CASE("transparent pixels are laid over white") {
  const TempFolder dir;
  const auto read = [&](const Png& png) {
    put(dir / "x.png", png.text());
    return read_png(dir / "x.png");
  };
  CHECK(read({.width = 3, .height = 1, .colour = 4, .rows = "\0\x0a\xff\x0a\x00\x64\x80"s})
            .identical(of_bytes({10, 255, 177}, {1, 3})));
  CHECK(read({.width = 1, .height = 1, .colour = 6, .rows = "\0\x00\x64\xc8\x33"s})
            .identical(of_bytes({204, 224, 244}, {1, 1, 3})));
  const std::string transparent = chunk("tRNS", "\0"s);
  CHECK(read({.width = 2,
              .height = 1,
              .colour = 3,
              .chunks = chunk("PLTE", "abcdef") + transparent,
              .rows = "\0\1\0"s})
            .identical(of_bytes({'d', 'e', 'f', 255, 255, 255}, {1, 2, 3})));
}

TEST_CASE("interlaced images are put together") {
  const TempFolder dir;
  // Adam7: where each pass begins and how far it steps.
  constexpr int kPasses[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                 {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  constexpr int kWidth = 11, kHeight = 9;
  Tensor image({kHeight, kWidth}, DType::kU8);
  for (int i = 0; i < kWidth * kHeight; ++i)
    image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(2 * i + 1);
  std::string rows;
  for (const auto& [x0, y0, dx, dy] : kPasses) {
    for (int y = y0; y < kHeight; y += dy) {
      rows += '\0';
      for (int x = x0; x < kWidth; x += dx) rows += static_cast<char>(image.at(y * kWidth + x));
    }
  }
  put(dir / "x.png", Png{.width = kWidth, .height = kHeight, .interlaced = 1, .rows = rows}.text());
  CHECK(read_png(dir / "x.png").identical(image));
}

TEST_CASE("a bad PNG file says where and what is wrong") {
  const TempFolder dir;
  const auto text = [&](const std::string& file) {
    put(dir / "x", file);
    return error_of(dir, [&] { read_png(dir / "x"); });
  };
  const std::string good = Png{.width = 2, .height = 1, .rows = "\0ab"s}.text();
  CHECK(text(good) == "no error");
  CHECK(text("") == "read_png: DIR/x: byte 0: not a PNG image: found an empty file");
  CHECK(text("\xff\xd8\xff\xe0") == "read_png: DIR/x: byte 0: not a PNG image: found a JPEG image");
  CHECK(text(good.substr(0, 20)) ==
        "read_png: DIR/x: byte 16: the data break off: expected 13 bytes of the image, found 4");
  CHECK(text(good.substr(0, good.size() - 12)) ==
        "read_png: DIR/x: byte " + std::to_string(good.size() - 12) +
            ": the data break off: expected 8 bytes of the image, found 0");
  // A text that claims 2 GB is passed over, a little at a time.
  CHECK(text(good.substr(0, 33) + "\x7f\xff\xff\xf0tEXt" + good.substr(33)) ==
        "read_png: DIR/x: byte 41: the data break off: expected 1024 bytes of the image, found " +
            std::to_string(good.size() - 33));
  std::string corrupt = good;
  corrupt[33 + 8 + 4] ^= 1;
  CHECK(text(corrupt).starts_with("read_png: DIR/x: byte "));
  CHECK(text(Png{.width = 0, .height = 1, .rows = "\0"s}.text()) ==
        "read_png: DIR/x: byte 33: Invalid IHDR data");
  CHECK(text(Png{.width = 2, .height = 3, .rows = "\0ab"s}.text())
            .ends_with("Not enough image data"));
  CHECK(text(Png{.width = 2147483647, .height = 2147483647, .bits = 16, .colour = 6, .rows = "\0"s}
                 .text()) ==
        "read_png: DIR/x: byte 16: an image of 2147483647 x 2147483647 pixels does not fit a file "
        "of 66 "
        "bytes");
  CHECK(error_of(dir, [&] { read_png(dir / "none"); }) ==
        "read_png: DIR/none: cannot open: No such file or directory");
}

TEST_CASE("no damage to a PNG file does worse than a FileError") {
  const TempFolder dir;
  const std::string grey = Png{.width = 3, .height = 2, .rows = "\0abc\0def"s}.text();
  CHECK(damage(dir / "x", grey, [](const std::string& p) { read_png(p); }).cut_read == 0);
  const std::string palette = Png{.width = 2,
                                  .height = 1,
                                  .colour = 3,
                                  .chunks = chunk("PLTE", "abcdef") + chunk("tRNS", "\0"s),
                                  .rows = "\0\1\0"s}
                                  .text();
  CHECK(damage(dir / "x", palette, [](const std::string& p) { read_png(p); }).cut_read == 0);
}

TEST_CASE("write_png refuses what is no image and leaves nothing behind") {
  const TempFolder dir;
  const auto text = [&](const Tensor& image) {
    return error_of<Error>(dir, [&] { write_png(dir / "x.png", image); });
  };
  CHECK(text(Tensor()) == "write_png: the image is undefined");
  CHECK(text(Tensor({2, 2}, DType::kF32)) ==
        "write_png: expected u8 [H, W] or [H, W, 3]: got f32 [2, 2]");
  CHECK(text(Tensor({2, 2, 4}, DType::kU8)) ==
        "write_png: expected u8 [H, W] or [H, W, 3]: got u8 [2, 2, 4]");
  CHECK(text(Tensor({0, 2}, DType::kU8)) == "write_png: sizes must be from 1 to 2^31 - 1: [0, 2]");
  CHECK(dir.listing().empty());
  CHECK(error_of(dir, [&] {
          write_png(dir / "none/x.png", Tensor({2, 2}, DType::kU8));
        }) == "write_png: DIR/none/x.png: cannot create: No such file or directory");
  // A full disk in the middle of libpng: the writer's own error, not libpng's.
  CHECK(error_of(dir, [&] {
          write_png("/dev/full", Tensor({2, 2}, DType::kU8));
        }) == "write_png: /dev/full: cannot write: No space left on device");
}

TEST_CASE("16 bits are kept on request, and any background shows through") {
  const TempFolder dir;
  put(dir / "x", Png{.width = 2, .height = 1, .bits = 16, .rows = "\0\x80\x00\xff\xff"s}.text());
  CHECK(read_png(dir / "x", {.wide = true})
            .identical(Tensor::from<float>({32768 / 65535.0F, 1}, {1, 2})));
  CHECK(read_png(dir / "x").identical(of_bytes({128, 255}, {1, 2})));
  put(dir / "x",
      Png{.width = 1, .height = 1, .bits = 16, .colour = 4, .rows = "\0\xff\xff\0\0"s}.text());
  CHECK(read_png(dir / "x", {.background = {51, 51, 51}, .wide = true})
            .identical(Tensor::from<float>({0.2F}, {1, 1})));
  CHECK(read_png(dir / "x", {.background = {1, 2, 3}}).identical(of_bytes({1, 2, 3}, {1, 1, 3})));
}

#include "nn/data/images.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tensor/error.h"
#include "tensor/files/png.h"
#include "tests/tools/program.h"

using namespace hourglass;

TEST_CASE("padded images stand in the middle, the odd pixel below and to the right") {
  const Tensor stored = Tensor::from<std::uint8_t>({1, 2, 3, 4, 5, 6}, {1, 1, 2, 3});
  CHECK(nn::pad_images(stored, 5).values() == std::vector<double>{0, 0, 0, 0, 0, 0, 1, 2, 3,
                                                                  0, 0, 4, 5, 6, 0, 0, 0, 0,
                                                                  0, 0, 0, 0, 0, 0, 0});
  const Tensor real = Tensor::from<float>({0.5F, 0.25F}, {2, 1, 1, 1});
  CHECK(nn::pad_images(real, 2).values() == std::vector<double>{0.5, 0, 0, 0, 0.25, 0, 0, 0});
  CHECK_THROWS_WITH_AS(nn::pad_images(stored, 2), "pad: the images are larger: 2 by 3: 2 by 2",
                       Error);
}

TEST_CASE("a folder of PNG images is read in the order of their names") {
  const test::TemporaryFolder temporary;
  const std::filesystem::path folder = temporary.path();
  const auto write = [&](const char* name, const Shape& shape, double grey) {
    write_png((folder / name).string(), Tensor::full(shape, grey, DType::kU8));
    return (folder / name).string();
  };
  for (int i = 9; i >= 0; --i) write(("image" + std::to_string(i) + ".png").c_str(), {2, 3}, i);
  const nn::RawData data = nn::load_image_folder(folder.string());
  CHECK(data.all.examples.shape() == Shape{10, 1, 2, 3});
  CHECK_FALSE(data.test);
  CHECK_FALSE(data.all.labels.defined());
  for (int i = 0; i < 10; ++i) CHECK(data.all.examples.at(6 * i) == i);
  const std::string wide = write("image5x.png", {2, 4}, 1);
  CHECK_THROWS_WITH_AS(nn::load_image_folder(folder.string()),
                       ("images: " + wide + ": sizes differ: [2, 4], " +
                        (folder / "image0.png").string() + " has [2, 3]")
                           .c_str(),
                       FileError);
  write("image5x.png", {2, 3, 3}, 1);
  CHECK_THROWS_WITH_AS(nn::load_image_folder(folder.string()),
                       ("images: " + wide + ": is in colour: expected a grey image").c_str(),
                       FileError);
}

TEST_CASE("PNG images are known by the ends of their names, large letters or small") {
  CHECK(nn::is_png("a.PNG"));
  CHECK(nn::is_png("folder.x/a b.Png"));
  CHECK_FALSE(nn::is_png("a.png.gz"));
  CHECK_FALSE(nn::is_png("folder/.png"));
  CHECK_FALSE(nn::is_png("folder.png/a"));
  const test::TemporaryFolder folder;
  for (const char* name : {"b.png", "a.PNG", "c.pngx"}) {
    write_png(folder.path(name), Tensor::full({2, 3}, 1, DType::kU8));
  }
  CHECK(nn::png_files(folder.path()) ==
        std::vector<std::string>{folder.path("a.PNG"), folder.path("b.png")});
  CHECK(nn::load_image_folder(folder.path()).all.count() == 2);
}

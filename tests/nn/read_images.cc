// Pictures and IDX files through the one door.

#include <filesystem>
#include <string>
#include <vector>

#include "nn/data/formats/image_sizes.h"
#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/jpeg.h"
#include "tensor/files/png.h"
#include "tests/nn/support.h"
#include "tests/tensor/files_support.h"
#include "tests/tensor/png_support.h"

using namespace std::string_literals;
using namespace hourglass;
using namespace hourglass::nn;
using hourglass::test::error_of;
using hourglass::test::of_bytes;
using hourglass::test::Png;
using hourglass::test::put;
using hourglass::test::TempFolder;
using testing::classes_of;

namespace {

using Names = std::vector<std::string>;

const Tensor kRed = of_bytes({255, 0, 0, 200, 10, 20}, {1, 2, 3});  // two pixels
const Tensor kGrey = of_bytes({7, 8}, {1, 2});

}  // namespace

TEST_CASE("pictures of a folder are images in planes, grey ones in colour among coloured ones") {
  const TempFolder dir;
  write_png(dir / "a.png", kGrey);
  write_png(dir / "b.PNG", kRed);
  write_png(dir / "._a.png", kRed);
  put(dir / "c.ppm", "P6 2 1 255\n\x01\x02\x03\x04\x05\x06"s);
  put(dir / "notes.txt", "none");
  const RawData data = read_data(dir.path());
  CHECK(data.all.kind == DataKind::kImage);
  CHECK(data.all.examples.tensor().identical(of_bytes({7, 8, 7, 8, 7, 8,        //
                                                       255, 200, 0, 10, 0, 20,  //
                                                       1, 4, 2, 5, 3, 6},
                                                      {3, 3, 1, 2})));
  CHECK(!data.all.labels.defined());
  CHECK(data.notes == Names{"left out, no data: notes.txt"});
  CHECK(read_data(dir / "b.PNG").all.examples.shape() == Shape{1, 3, 1, 2});
  CHECK(read_data(dir.path(), {.grey = true})
            .all.examples.tensor()
            .identical(of_bytes({7, 8, 76, 68, 2, 5}, {3, 1, 1, 2})));
}

TEST_CASE("grey pictures saved in colour are grey, unless the model has learnt from colours") {
  const TempFolder dir;
  write_png(dir / "a.png", of_bytes({7, 7, 7, 9, 9, 9}, {1, 2, 3}));
  const RawData data = read_data(dir.path());
  CHECK(data.all.examples.tensor().identical(of_bytes({7, 9}, {1, 1, 1, 2})));
  CHECK(data.notes == Names{"the pictures are grey, though saved in colour: taken as grey"});
  const ReadOptions colour{.schema = Schema{.width = 6}};
  CHECK(read_data(dir.path(), colour).all.examples.shape() == Shape{1, 3, 1, 2});
  write_png(dir / "a.png", kGrey);
  CHECK(read_data(dir.path(), colour).all.examples.shape() == Shape{1, 3, 1, 2});
}

TEST_CASE("16 bits of one picture make all of them real numbers in [0, 1]") {
  const TempFolder dir;
  write_png(dir / "a.png", kGrey);
  put(dir / "b.pgm", "P5 2 1 65535\n\x80\x00\xff\xff"s);
  const Tensor expected =
      Tensor::from<float>({7 / 255.0F, 8 / 255.0F, 32768 / 65535.0F, 1}, {2, 1, 1, 2});
  CHECK(read_data(dir.path()).all.examples.tensor().identical(expected));
}

TEST_CASE("sub-folders are classes, train and test the two parts") {
  const TempFolder dir;
  for (const char* part : {"train", "test"}) {
    for (const char* name : {"cat", "dog", ".git"}) {
      std::filesystem::create_directories(dir / part + "/" + name);
      write_png(dir / part + "/" + name + "/1.png", kRed);
      put(dir / part + "/" + name + "/2.jpg", jpeg_bytes(kRed, 100));
    }
  }
  const DataSet train = read_data(dir / "train").all;
  CHECK(train.examples.shape() == Shape{4, 3, 1, 2});
  CHECK(train.classes == Names{"cat", "dog"});
  CHECK(classes_of(train) == std::vector<std::int32_t>{0, 0, 1, 1});
  std::filesystem::remove_all(dir / "test/cat");
  const RawData both = read_data(dir.path());
  REQUIRE(both.test);
  CHECK(classes_of(*both.test) == std::vector<std::int32_t>{1, 1});
  std::filesystem::rename(dir / "test/dog", dir / "test/cow");
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/test/cow/1.png: a class that the model does not know: 'cow'");
}

TEST_CASE("pictures of several sizes are refused, or brought to one") {
  const TempFolder dir;
  write_png(dir / "a.png", kGrey);
  write_png(dir / "b.png", of_bytes({0, 4, 8, 12, 16, 20, 24, 28}, {2, 4}));
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/b.png: 2x4 pixels: DIR/a.png has 1x2: say one size for all (--resize)");
  CHECK(read_data(dir.path(), {.resize = ImageSize{1, 2}})
            .all.examples.tensor()
            .identical(of_bytes({7, 8, 10, 18}, {2, 1, 1, 2})));
}

TEST_CASE("an image that shrinks has means of areas, one that grows is linear in between") {
  const Tensor x = Tensor::from<double>({0, 1, 2, 3, 4, 5}, {1, 1, 2, 3});
  CHECK(internal::resized_images(x, {1, 1}).at(0) == doctest::Approx(2.5));
  const Tensor two = internal::resized_images(x, {2, 2});
  for (const auto& [i, y] : {std::pair{0, 1 / 3.0}, {1, 5 / 3.0}, {2, 10 / 3.0}, {3, 14 / 3.0}}) {
    CHECK(two.at(i) == doctest::Approx(y));
  }
  const Tensor line = Tensor::from<double>({0, 1}, {1, 1, 1, 2});
  const Tensor four = internal::resized_images(line, {1, 4});
  for (const auto& [i, y] : {std::pair{0, 0.0}, {1, 0.25}, {2, 0.75}, {3, 1.0}}) {
    CHECK(four.at(i) == doctest::Approx(y));
  }
  CHECK(internal::resized_images(line, {3, 2}).shape() == Shape{1, 1, 3, 2});
}

TEST_CASE("IDX files are found by MNIST's names in their spellings, or as the only pair") {
  const TempFolder dir;
  const Tensor images = of_bytes({1, 2, 3, 4}, {2, 1, 2});
  write_idx(dir / "train-images.idx3-ubyte", images);
  std::filesystem::create_directories(dir / "train-images-idx3-ubyte");
  write_idx(dir / "qmnist-train-labels-idx2-int.gz",
            Tensor::from<std::int32_t>({5, 0, 2, 3, 0, 0, 0, 0, 6, 0, 2, 3, 0, 0, 0, 0}, {2, 8}));
  write_idx(dir / "t10k-images-idx3-ubyte.gz", images);
  write_idx(dir / "t10k-images-idx3-ubyte", images);
  const RawData data = read_data(dir.path());
  CHECK(data.all.examples.tensor().identical(images.reshape({2, 1, 1, 2})));
  CHECK(classes_of(data.all) == std::vector<std::int32_t>{5, 6});
  REQUIRE(data.test);
  CHECK(!data.test->labels.defined());

  write_idx(dir / "t10k-images-idx3-ubyte", of_bytes({1, 2, 3}, {1, 1, 3}));
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/t10k-images-idx3-ubyte: expected examples as in DIR/train-images.idx3-ubyte, "
        "image u8 [1, 1, 2]: found image u8 [1, 1, 3]");
  write_idx(dir / "t10k-images-idx3-ubyte", images);
  write_idx(dir / "t10k-labels-idx1-ubyte", of_bytes({1, 2, 3}, {3}));
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/t10k-labels-idx1-ubyte: 3 labels for 2 examples");
  write_idx(dir / "more-train-images-idx3-ubyte", images);
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR: expected MNIST's names (train-images-idx3-ubyte, t10k-images-idx3-ubyte, ...) "
        "or one pair of IDX files: found more-train-images-idx3-ubyte (images), "
        "qmnist-train-labels-idx2-int.gz (labels), t10k-images-idx3-ubyte (images), "
        "t10k-images-idx3-ubyte.gz (images), t10k-labels-idx1-ubyte (labels), "
        "train-images.idx3-ubyte (images)");
}

TEST_CASE("IDX files of any rank and dtype are data") {
  const TempFolder dir;
  const auto shape = [&](const Tensor& tensor) {
    write_idx(dir / "x", tensor);
    const DataSet data = read_data(dir / "x").all;
    return std::string(name_of(data.kind)) + " " + std::string(name_of(data.examples.dtype())) +
           " " + to_string(data.examples.shape());
  };
  CHECK(shape(Tensor({3}, DType::kU8)) == "row u8 [3, 1]");
  CHECK(shape(Tensor({3, 4}, DType::kF64)) == "row f64 [3, 4]");
  CHECK(shape(Tensor({3, 4, 5}, DType::kI32)) == "image u8 [3, 1, 4, 5]");
  CHECK(shape(Tensor({3, 4, 5}, DType::kF32)) == "image f32 [3, 1, 4, 5]");
  CHECK(shape(Tensor({3, 3, 4, 5}, DType::kU8)) == "image u8 [3, 3, 4, 5]");
  CHECK(shape(Tensor({3, 4, 5, 3}, DType::kU8)) == "image u8 [3, 3, 4, 5]");
}

TEST_CASE("transparent pictures lie over the background that is given") {
  const TempFolder dir;
  // An RGBA picture of one pixel, clear, and a grey one with alpha, half clear.
  put(dir / "a.png",
      Png{.width = 1, .height = 1, .colour = 6, .rows = "\0\x0a\x14\x1e\x00"s}.text());
  CHECK(read_data(dir / "a.png").all.examples.tensor().identical(of_bytes({255}, {1, 1, 1, 1})));
  CHECK(read_data(dir / "a.png", {.background = {1, 2, 3}})
            .all.examples.tensor()
            .identical(of_bytes({1, 2, 3}, {1, 3, 1, 1})));
  put(dir / "a.png", Png{.width = 1, .height = 1, .colour = 4, .rows = "\0\x64\x80"s}.text());
  CHECK(read_data(dir / "a.png", {.background = {0, 0, 200}})
            .all.examples.tensor()
            .identical(of_bytes({50, 50, 150}, {1, 3, 1, 1})));
}

#include "tensor/files/idx.h"

#include <string>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using namespace hourglass::internal;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

const std::string kImages = "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"s + "\1\2\3\4\5\xff"s;
const std::string kLabels = "\0\0\x08\x01\0\0\0\x02\x07\x09"s;

}  // namespace

TEST_CASE("an IDX file of images is read as it is, plain and compressed") {
  const TempFolder dir;
  put(dir / "images", kImages);
  const Tensor images = read_idx(dir / "images");
  CHECK(images.identical(Tensor::from<std::uint8_t>({1, 2, 3, 4, 5, 255}, {2, 1, 3})));
  CHECK(read_idx_images(dir / "images").identical(images));

  write_idx(dir / "again", images);
  CHECK(get(dir / "again") == kImages);
  write_idx(dir / "packed.gz", images);
  CHECK(get(dir / "packed.gz").substr(0, 4) == "\x1f\x8b\x08\0"s);
  CHECK(get(dir / "packed.gz").substr(4, 4) == "\0\0\0\0"s);   // no time
  std::filesystem::rename(dir / "packed.gz", dir / "packed");  // the content tells, not the name
  CHECK(read_idx_images(dir / "packed").identical(images));
}

TEST_CASE("IDX numbers of every type are big-endian, small integers widen") {
  const TempFolder dir;
  const auto read = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return read_idx(dir / "x");
  };
  CHECK(read("\0\0\x09\x01\0\0\0\x02\x80\x7f"s)
            .identical(Tensor::from<std::int32_t>({-128, 127}, {2})));
  CHECK(read("\0\0\x0b\x01\0\0\0\x02\x80\x01\x01\x02"s)
            .identical(Tensor::from<std::int32_t>({-32767, 258}, {2})));
  CHECK(read("\0\0\x0c\x01\0\0\0\x01\x80\0\0\x03"s)
            .identical(Tensor::from<std::int32_t>({-2147483645}, {1})));
  CHECK(read("\0\0\x0d\x01\0\0\0\x01\x3f\xc0\0\0"s).identical(Tensor::from<float>({1.5F}, {1})));
  CHECK(read("\0\0\x0e\x01\0\0\0\x01\xbf\xf8\0\0\0\0\0\0"s)
            .identical(Tensor::from<double>({-1.5}, {1})));
  CHECK(read("\0\0\x08\0\x2a"s).identical(Tensor::scalar(42, DType::kU8)));
  CHECK(read("\0\0\x08\x02\0\0\0\0\0\0\0\x1c"s).shape() == Shape{0, 28});
  CHECK(read_idx_header(dir / "x").sizes == std::vector<std::uint64_t>{0, 28});
}

TEST_CASE("what write_idx writes, read_idx reads, for every dtype and rank") {
  const TempFolder dir;
  for (DType dtype : {DType::kF32, DType::kF64, DType::kI32, DType::kU8}) {
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{5}, Shape{2, 3, 1, 4}, Shape{70000}}) {
      Tensor x(shape, dtype);
      for (std::int64_t i = 0; i < x.elements(); ++i) {
        visit(dtype, [&](auto zero) {
          using T = decltype(zero);
          x.data<T>()[i] = static_cast<T>(static_cast<T>(i % 251) / 3 + 1);
        });
      }
      for (const char* name : {"x", "x.gz"}) {
        write_idx(dir / name, x);
        CHECK(read_idx(dir / name).identical(x));
      }
    }
  }
  Tensor noise({100000}, DType::kU8);  // gzip cannot shrink it
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < noise.elements(); ++i) {
    state = state * 1664525U + 1013904223U;
    noise.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(state >> 24);
  }
  write_idx(dir / "x.gz", noise);
  CHECK(read_idx(dir / "x.gz").identical(noise));
  CHECK(dir.listing().find("tmp") == std::string::npos);
}

TEST_CASE("a bad IDX file says where and what is wrong") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_idx(dir / "x"); });
  };
  CHECK(error_of(dir, [&] { read_idx(dir / "none"); }) ==
        "read_idx: DIR/none: cannot open: No such file or directory");
  CHECK(error_of(dir, [&] { read_idx(dir.path()); }) ==
        "read_idx: DIR: not a regular file: found a folder");
  CHECK(error_of(dir, [&] { read_idx("/dev/null"); }) ==
        "read_idx: /dev/null: not a regular file: found a device");
  CHECK(text("") ==
        "read_idx: DIR/x: byte 0: not an IDX file: expected 00 00, a type 08 to 0e and a "
        "rank, found (an empty file)");
  CHECK(
      text("\x89PNG\r\n\x1a\n") ==
      "read_idx: DIR/x: byte 0: not an IDX file: expected 00 00, a type 08 to 0e and a rank, found "
      "89 50 4e 47 (a PNG image)");
  CHECK(
      text("<!DOCTYPE html>") ==
      "read_idx: DIR/x: byte 0: not an IDX file: expected 00 00, a type 08 to 0e and a rank, found "
      "3c 21 44 4f (an HTML page)");
  CHECK(
      text("\0\0\x0a\x01\0\0\0\0"s) ==
      "read_idx: DIR/x: byte 0: not an IDX file: expected 00 00, a type 08 to 0e and a rank, found "
      "00 00 0a 01 (unknown binary data)");
  CHECK(
      text("\1" + kImages.substr(1)) ==
      "read_idx: DIR/x: byte 0: not an IDX file: expected 00 00, a type 08 to 0e and a rank, found "
      "01 00 08 03 (unknown binary data)");
  CHECK(text(kImages.substr(0, 10)) ==
        "read_idx: DIR/x: byte 8: the data break off: expected 4 bytes of sizes, found 2");
  CHECK(text(kImages.substr(0, 20)) ==
        "read_idx: DIR/x: byte 4: sizes [2, 1, 3] need 6 bytes of data, but only 4 follow");
  CHECK(text(kImages + "ab") ==
        "read_idx: DIR/x: byte 22: 2 bytes too many after the data of u8 [2, 1, 3]");
}

TEST_CASE("absurd IDX sizes are refused before memory is asked for") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_idx(dir / "x"); });
  };
  CHECK(text("\0\0\x08\x03\x80\0\0\0\0\0\0\x1c\0\0\0\x1c"s) ==
        "read_idx: DIR/x: byte 4: sizes [2147483648, 28, 28] need 1683627180032 bytes of data, but "
        "only 0 follow");
  CHECK(text("\0\0\x0e\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s) ==
        "read_idx: DIR/x: byte 4: sizes [4294967295, 4294967295, 4294967295] have more than 2^59 "
        "elements");
  // Compressed, the bound is what 38 bytes of gzip data can unpack to.
  write_idx(dir / "y.gz", Tensor({1, 1}, DType::kU8));
  write_idx(dir / "z", Tensor::from<std::uint8_t>({0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 0}, {9}));
  const std::string huge = get(dir / "z").substr(8);
  {
    AtomicFile file(dir / "x", "test");
    GzipSink gzip(file);
    gzip.write(huge.data(), huge.size());
    gzip.finish();
    file.commit();
  }
  const std::string size = std::to_string((get(dir / "x").size() + 1) * 1032 - 8);
  CHECK(error_of(dir, [&] { read_idx(dir / "x"); }) ==
        "read_idx: DIR/x: byte 4 of the decompressed data: sizes [4294967295] need 4294967295 "
        "bytes of "
        "data, but at most " +
            size + " follow");
}

TEST_CASE("labels in place of images, and the other way round, are named") {
  const TempFolder dir;
  put(dir / "images", kImages);
  put(dir / "labels", kLabels);
  CHECK(read_idx_labels(dir / "labels").identical(Tensor::from<std::uint8_t>({7, 9}, {2})));
  CHECK(error_of(dir, [&] { read_idx_images(dir / "labels"); }) ==
        "read_idx_images: DIR/labels: byte 2: expected images: u8 [N, H, W], found u8 [2]: this is "
        "a file "
        "of labels");
  CHECK(error_of(dir, [&] { read_idx_labels(dir / "images"); }) ==
        "read_idx_labels: DIR/images: byte 2: expected labels: u8 [N], found u8 [2, 1, 3]: this is "
        "a file "
        "of images");
  write_idx(dir / "reals", Tensor({2, 1, 3}, DType::kF32));
  CHECK(error_of(dir, [&] { read_idx_images(dir / "reals"); }) ==
        "read_idx_images: DIR/reals: byte 2: expected images: u8 [N, H, W], found f32 [2, 1, 3]");
}

TEST_CASE("a damaged .gz says where it breaks") {
  const TempFolder dir;
  write_idx(dir / "x.gz", Tensor::full({1000}, 7, DType::kU8));
  const std::string good = get(dir / "x.gz");
  const auto text = [&](const std::string& bytes) {
    put(dir / "x.gz", bytes);
    return error_of(dir, [&] { read_idx(dir / "x.gz"); });
  };
  const std::string n = std::to_string(good.size());
  CHECK(text(good.substr(0, 5)) == "read_idx: DIR/x.gz: byte 5: the compressed data break off");
  CHECK(text(good.substr(0, good.size() - 1)) == "read_idx: DIR/x.gz: byte " +
                                                     std::to_string(good.size() - 1) +
                                                     ": the compressed data break off");
  std::string corrupt = good;
  corrupt[good.size() - 8] ^= 1;
  CHECK(text(corrupt) == "read_idx: DIR/x.gz: byte " + std::to_string(good.size() - 4) +
                             ": the compressed data are corrupt: incorrect data check");
  CHECK(text(good + "abc") ==
        "read_idx: DIR/x.gz: byte " + n + ": 3 bytes too many after the compressed data");
  CHECK(text(good + good) ==
        "read_idx: DIR/x.gz: byte 1008 of the decompressed data: more data than "
        "expected after the data of u8 [1000]");
  CHECK(text(good) == "no error");
}

TEST_CASE("gzip data in several members are one file") {
  const TempFolder dir;
  const auto packed = [&](const std::string& bytes) {
    {
      AtomicFile file(dir / "part", "test");
      GzipSink gzip(file);
      gzip.write(bytes.data(), bytes.size());
      gzip.finish();
      file.commit();
    }
    return get(dir / "part");
  };
  put(dir / "x", packed(kImages.substr(0, 9)) + packed("") + packed(kImages.substr(9)));
  CHECK(read_idx(dir / "x").identical(Tensor::from<std::uint8_t>({1, 2, 3, 4, 5, 255}, {2, 1, 3})));
}

TEST_CASE("no damage to an IDX file does worse than a FileError") {
  const TempFolder dir;
  const test::Damage plain = damage(dir / "x", kImages, [](const std::string& p) { read_idx(p); });
  CHECK(plain.cut_read == 0);
  CHECK(plain.flip_read >= 6 * 4);  // every byte of the pixels may be anything
  write_idx(dir / "x.gz", Tensor::full({9, 9}, 3, DType::kI32));
  const std::string packed = get(dir / "x.gz");
  const test::Damage gzip = damage(dir / "x.gz", packed, [](const std::string& p) { read_idx(p); });
  CHECK(gzip.cut_read == 0);
  CHECK(gzip.flip_read <= 10 * 4);  // flags, time and system in the gzip header, no data
}

TEST_CASE("write_idx refuses what IDX cannot hold") {
  const TempFolder dir;
  CHECK(error_of<Error>(dir, [&] { write_idx(dir / "x", Tensor()); }) ==
        "write_idx: the tensor is undefined");
  CHECK(error_of<Error>(dir, [&] {
          write_idx(dir / "x", Tensor({0, std::int64_t{1} << 32}, DType::kU8));
        }) == "write_idx: IDX holds at most 255 axes of less than 2^32: [0, 4294967296]");
  CHECK(dir.listing().empty());
}

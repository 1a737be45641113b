// Rows wherever they are: in memory, in a file, made when they are asked for.

#include "nn/data/rows.h"

#include <cstring>
#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "nn/data/data_set.h"
#include "nn/data/read_data.h"
#include "nn/train/data_source.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/input_file.h"
#include "tensor/files/npy.h"
#include "tensor/files/safetensors.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using namespace hourglass::nn;
using hourglass::test::error_of;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

Tensor counted_rows(Shape shape, DType dtype = DType::kF32) {
  std::vector<float> numbers(static_cast<std::size_t>(shape.elements()));
  std::iota(numbers.begin(), numbers.end(), 1.0F);
  return Tensor::from(numbers, shape).cast(dtype);
}

// An NPY file's array where it lies, however small.
MappedArray mapped(const std::string& path, Stored stored, std::vector<std::uint64_t> sizes,
                   ByteOrder order = ByteOrder::kLittle) {
  auto file = std::make_unique<InputFile>(path, "read_npy");
  const std::uint64_t first = file->size() - *bytes_of(stored, sizes);
  return MappedArray(std::move(file), {stored, order, std::move(sizes), first});
}

std::string npy_text(const std::string& type, const std::string& shape) {
  std::string text =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  text.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + text + "\n";
}

// A file of zeros, which take no room, but for what is put at some of its bytes.
void put_large(const std::string& path, const std::string& head, std::uint64_t bytes,
               const std::vector<std::pair<std::uint64_t, std::string>>& pieces = {}) {
  put(path, head);
  std::filesystem::resize_file(path, head.size() + bytes);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (const auto& [at, text] : pieces) {
    file.seekp(static_cast<std::streamoff>(head.size() + at));
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
}

template <class T>
std::string bytes_of_number(T x) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &x, sizeof(T));
  return bytes;
}

}  // namespace

TEST_CASE("rows are the same in memory, in a file, and made when they are asked for") {
  const TempFolder folder;
  const Tensor all = counted_rows({7, 2, 3});
  write_npy(folder / "x.npy", all);
  const Rows made(all.shape(), all.dtype(), [all](const std::int32_t* ids, std::int64_t count) {
    return Rows(all).gather(ids, count);
  });
  const std::vector<Rows> everywhere = {
      all, mapped(folder / "x.npy", Stored::kF32, {7, 2, 3}), made,
      concatenated({all.rows(0, 2), made.range(2, 3), made.range(3, 7)})};
  const std::vector<std::int32_t> ids = {5, 0, 5, 2};
  for (std::size_t k = 0; k < everywhere.size(); ++k) {
    CAPTURE(k);
    const Rows& rows = everywhere[k];
    CHECK(rows.defined());
    CHECK(rows.shape() == all.shape());
    CHECK(rows.width() == 6);
    CHECK(rows.tensor().identical(all));
    CHECK(rows.rows(2, 5).identical(all.rows(2, 5)));
    CHECK(rows.gather(ids.data(), 4).identical(Rows(all).gather(ids.data(), 4)));
    CHECK(rows.range(2, 6).range(1, 3).tensor().identical(all.rows(3, 5)));
    const Rows some = rows.range(1, 7).select({4, 0, 3});
    CHECK(some.tensor().values() ==
          std::vector<double>{31, 32, 33, 34, 35, 36, 7, 8, 9, 10, 11, 12, 25, 26, 27, 28, 29, 30});
    CHECK(some.select({2, 1}).range(1, 2).tensor().identical(all.rows(1, 2).reshape({1, 2, 3})));
    CHECK(some.reshape({3, 6}).rows(2, 3).identical(all.rows(4, 5).reshape({1, 6})));
    const Rows bytes = some.map([](const Tensor& x) { return x.cast(DType::kU8); });
    CHECK(bytes.dtype() == DType::kU8);
    CHECK(bytes.tensor().identical(some.tensor().cast(DType::kU8)));
    std::vector<double> seen;
    for_chunks(rows, [&](const Tensor& part, std::int64_t first) {
      CHECK(first * 6 == static_cast<std::int64_t>(seen.size()));
      for (const double x : part.values()) seen.push_back(x);
    });
    CHECK(seen == all.values());
  }
  CHECK(everywhere[1].reshape({14, 3}).rows(13, 14).values() == std::vector<double>{40, 41, 42});
  CHECK(Rows(all).gather(ids.data(), 4).values()[6] == 1);
  CHECK_FALSE(Rows().defined());
}

TEST_CASE("rows that do not exist are refused") {
  const TempFolder folder;
  write_npy(folder / "x.npy", counted_rows({4, 2}));
  const Rows memory = counted_rows({4, 2}), file = mapped(folder / "x.npy", Stored::kF32, {4, 2});
  for (const Rows& rows : {memory, file}) {
    CHECK(error_of<Error>(folder, [&] { rows.rows(3, 5); }) ==
          "rows: rows 3 to 5 of [4, 2]: out of range");
    CHECK(error_of<Error>(folder, [&] { rows.range(2, 1); }) ==
          "rows: rows 2 to 1 of [4, 2]: out of range");
    CHECK(error_of<Error>(folder, [&] { rows.select({0, 4}); }) == "rows: there is no row 4 of 4");
    CHECK(error_of<Error>(folder, [&] {
            rows.range(0, 2).reshape({4, 1});
          }) == "rows: reshape: [4, 1] is not as many rows of as many numbers as [2, 2]");
  }
  const std::int32_t beyond = 4;
  CHECK(error_of<Error>(folder, [&] { file.gather(&beyond, 1); }) ==
        "rows: there is no row 4 of 4");
  CHECK(error_of<Error>(folder, [&] {
          Rows(Shape{std::int64_t{1} << 31, 1}, DType::kU8, {});
        }) == "rows: expected [N, ...], at most 2147483647 of them: got [2147483648, 1]");
}

TEST_CASE("an array of a file has the numbers of its type, whatever it is") {
  const TempFolder folder;
  struct Type {
    std::string descr;
    Stored stored;
    ByteOrder order;
    std::string data;  // two rows of two numbers
  };
  const std::string two = std::string("\x01\x02\x03\x04", 4);
  const std::vector<Type> types = {
      {"|b1", Stored::kBool, ByteOrder::kLittle, std::string("\x00\x01\x02\x00", 4)},
      {"|u1", Stored::kU8, ByteOrder::kLittle, two},
      {"|i1", Stored::kI8, ByteOrder::kLittle, std::string("\xff\x02\x80\x7f", 4)},
      {">u2", Stored::kU16, ByteOrder::kBig, two + two},
      {"<i2", Stored::kI16, ByteOrder::kLittle, two + std::string("\xff\xff\x00\x80", 4)},
      {">i4", Stored::kI32, ByteOrder::kBig, two + two + two + two},
      {"<i8", Stored::kI64, ByteOrder::kLittle,
       bytes_of_number(std::int64_t{-5}) + bytes_of_number(std::int64_t{7}) +
           bytes_of_number(std::int64_t{1} << 30) + bytes_of_number(std::int64_t{0})},
      {"<f2", Stored::kF16, ByteOrder::kLittle, std::string("\x00\x3c\x01\x00\x00\xc0\xff\x7b", 8)},
      {">f4", Stored::kF32, ByteOrder::kBig, two + two + two + two},
      {"<f8", Stored::kF64, ByteOrder::kLittle, two + two + two + two + two + two + two + two},
  };
  for (const Type& type : types) {
    CAPTURE(type.descr);
    put(folder / "x.npy", npy_text(type.descr, "2, 2") + type.data);
    const Rows rows = mapped(folder / "x.npy", type.stored, {2, 2}, type.order);
    CHECK(rows.tensor().identical(read_npy(folder / "x.npy")));
  }
  put(folder / "x.npy",
      npy_text("<u4", "2, 2") + two + two + std::string("\xff\xff\xff\xff", 4) + two);
  CHECK(error_of<Error>(folder, [&] {
          mapped(folder / "x.npy", Stored::kU32, {2, 2});
        }) == "read_npy: DIR/x.npy: byte 136: the value 4294967295 does not fit i32");
}

TEST_CASE("a file that becomes shorter while its rows are wanted is one line of an error") {
  const TempFolder folder;
  const std::string path = folder / "x.npy";
  write_npy(path, counted_rows({4, 2}));
  const Rows rows = mapped(path, Stored::kF32, {4, 2});
  std::filesystem::resize_file(path, 140);
  CHECK(error_of<Error>(folder, [&] { rows.rows(0, 1); }) ==
        "read_npy: DIR/x.npy: byte 140: the file ends here: expected 20 bytes more");
}

TEST_CASE("large files are mapped: NPY, IDX, safetensors, and told what is wrong with them") {
  const TempFolder folder;
  constexpr std::uint64_t kRows = 70000, kWidth = 500;
  const std::string npy = folder / "x.npy", shape = "70000, 500";
  put_large(npy, npy_text("<f2", shape), kRows * kWidth * 2, {{3 * 1000, "\x01\x3c"}});
  const RawData halves = read_data(npy);
  CHECK(halves.all.examples.shape() == Shape{70000, 500});
  CHECK(halves.all.examples.dtype() == DType::kF32);
  CHECK(halves.all.stored == Stored::kF16);
  CHECK(halves.all.examples.rows(3, 4).at(0) == 1 + 0x1p-10);
  // The same numbers in memory have the same checksum, and so have those of another file.
  const RawData memory{.all = {.kind = DataKind::kRow, .examples = halves.all.examples.tensor()}};
  CHECK(checksum(memory) == checksum(halves));
  put_large(npy, npy_text("<f2", shape), kRows * kWidth * 2, {{3 * 1000, "\x02\x3c"}});
  CHECK(checksum(read_data(npy)) != checksum(memory));

  const std::string units = folder / "units.npy";
  put_large(units, npy_text("<f4", "700, 100, 500"), kRows * kWidth * 4,
            {{(101 * 500 + 2) * 4, bytes_of_number(2.5F)}});
  const RawData activations = read_data(units, {.kind = DataKind::kActivations});
  CHECK(activations.all.examples.shape() == Shape{70000, 500});
  CHECK(activations.all.examples.rows(101, 102).at(2) == 2.5);

  const std::string idx = folder / "x.idx";
  put_large(idx, std::string("\0\0\x0b\3\0\1\x11\x70\0\0\0\x14\0\0\0\x19", 16), kRows * kWidth * 2,
            {{1002, std::string("\1\2", 2)}});
  const RawData images = read_data(idx, {.any_range = true});
  CHECK(images.all.examples.shape() == Shape{70000, 1, 20, 25});
  CHECK(images.all.examples.rows(1, 2).at(1) == 258);
  const RawData grey = read_data(idx, {.resize = ImageSize{10, 10}, .any_range = true});
  CHECK(grey.all.examples.rows(1, 3).shape() == Shape{2, 1, 10, 10});

  const std::string colour = folder / "colour.npy";
  put_large(colour, npy_text("|u1", "70000, 20, 25, 3"), kRows * kWidth * 3, {{1500 + 4, "\x09"}});
  const RawData planes = read_data(colour);
  CHECK(planes.all.examples.shape() == Shape{70000, 3, 20, 25});
  CHECK(planes.all.examples.rows(1, 2).at(501) == 9);

  const std::string tensors = folder / "x.safetensors";
  const std::string json =
      R"({"h":{"dtype":"BF16","shape":[70000,500],"data_offsets":[0,70000000]}})";
  put_large(tensors, bytes_of_number(std::uint64_t{json.size()}) + json, kRows * kWidth * 2,
            {{1000, "\x80\x3f"}});
  const RawData hidden = read_data(tensors);
  CHECK(hidden.all.stored == Stored::kBF16);
  CHECK(hidden.all.examples.rows(1, 2).at(0) == 1);

  // Nothing of it is read: sizes are checked ahead.
  put_large(npy, npy_text("<f4", "99000000000, 500"), kRows * kWidth * 4);
  CHECK(error_of<Error>(folder, [&] { read_data(npy); }) ==
        "read_npy: DIR/x.npy: byte 10: sizes [99000000000, 500] need 198000000000000 bytes of "
        "data, but only "
        "140000000 follow");
  put_large(npy, npy_text("<f4", shape), kRows * kWidth * 4 + 3);
  CHECK(error_of<Error>(folder, [&] { read_data(npy); }) ==
        "read_npy: DIR/x.npy: byte 140000128: 3 bytes too many after the data of [70000, 500]");
  put_large(npy, npy_text("<f4", shape), kRows * kWidth * 4,
            {{(500 * 6 + 2) * 4, bytes_of_number(std::numeric_limits<float>::quiet_NaN())}});
  CHECK(error_of<Error>(folder, [&] { read_data(npy); }) ==
        "data: DIR/x.npy: row 7, column 3: a value is missing (--missing mask, mean or drop)");
  CHECK(read_data(npy, {.missing = Missing::kDrop}).all.count() == 69999);
  put_large(npy, npy_text("|u1", "3000000000"), 3000000000);
  CHECK(error_of<Error>(folder, [&] { read_data(npy); }) ==
        "data: DIR/x.npy: holds 3000000000 examples: expected at most 2147483647");
}

TEST_CASE("training takes the same batches from a file as from memory") {
  const TempFolder folder;
  const Tensor all = counted_rows({50, 4});
  write_npy(folder / "x.npy", all);
  const Rows file = mapped(folder / "x.npy", Stored::kF32, {50, 4});
  const DataSource a = shuffled_rows({all, all}, 16, 3), b = shuffled_rows({file, all}, 16, 3);
  REQUIRE(a.batches == b.batches);
  for (int epoch = 1; epoch <= 2; ++epoch) {
    for (std::int64_t i = 0; i < a.batches; ++i) {
      CHECK(a.batch(epoch, i)[0].identical(b.batch(epoch, i)[0]));
    }
  }
}

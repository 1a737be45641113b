#include "tensor/files/npy.h"

#include <cmath>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/numbers.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

// A file of version 1 (or later) as any writer may make it: without padding.
std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
  const auto n = static_cast<unsigned>(dictionary.size());
  std::string length{static_cast<char>(n & 255), static_cast<char>(n >> 8)};
  if (version > 1) length += "\0\0"s;
  return "\x93NUMPY"s + version + '\0' + length + dictionary + data;
}

std::string described(const std::string& descr, const std::string& shape,
                      const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

}  // namespace

TEST_CASE("write_npy writes version 1, padded to 64 bytes, as NumPy does") {
  const TempFolder dir;
  const Tensor x = Tensor::from<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  write_npy(dir / "x.npy", x);
  const std::string bytes = get(dir / "x.npy");
  CHECK(bytes.size() == 128 + 24);
  CHECK(bytes.substr(0, 10) == "\x93NUMPY\x01\0\x76\0"s);
  CHECK(bytes.substr(10, 59) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  CHECK(bytes[127] == '\n');
  CHECK(bytes.substr(128, 4) == "\0\0\x80\x3f"s);
  CHECK(read_npy(dir / "x.npy").identical(x));
}

TEST_CASE("what write_npy writes, read_npy reads, for every dtype and rank") {
  const TempFolder dir;
  for (DType dtype : {DType::kF32, DType::kF64, DType::kI32, DType::kU8}) {
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{3, 0}, Shape{2, 1, 3, 2}}) {
      const Tensor x = Tensor::full(shape, 7, dtype);
      write_npy(dir / "x.npy", x);
      CHECK(read_npy(dir / "x.npy").identical(x));
    }
  }
}

TEST_CASE("NPY files of other versions, orders and types are read") {
  const TempFolder dir;
  const auto read = [&](const std::string& bytes) {
    put(dir / "x.npy", bytes);
    return read_npy(dir / "x.npy");
  };
  const Tensor i32 = Tensor::from<std::int32_t>({1, -2}, {2});
  CHECK(read(npy(described("<i4", "(2,)"), "\1\0\0\0\xfe\xff\xff\xff"s, 2)).identical(i32));
  CHECK(read(npy(described(">i4", "(2,)"), "\0\0\0\1\xff\xff\xff\xfe"s, 3)).identical(i32));
  CHECK(read(npy(described("<i8", "(2,)"), "\1\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff"s))
            .identical(i32));
  CHECK(read(npy(described(">i2", "(2,)"), "\0\1\xff\xfe"s)).identical(i32));
  CHECK(read(npy(described("|i1", "(2,)"), "\1\xfe"s)).identical(i32));
  CHECK(read(npy(described("<u4", "()"), "\xff\xff\xff\x7f"s))
            .identical(Tensor::scalar(2147483647, DType::kI32)));
  CHECK(read(npy(described("|b1", "(3,)"), "\0\1\2"s))
            .identical(Tensor::from<std::uint8_t>({0, 1, 1}, {3})));
  CHECK(read(npy(described(">f8", "(1,)"), "\x3f\xf8\0\0\0\0\0\0"s))
            .identical(Tensor::from<double>({1.5}, {1})));
  // Columns first: [[1, 3, 5], [2, 4, 6]] is stored as 1 2 3 4 5 6.
  CHECK(read(npy(described("|u1", "(2, 3)", "True"), "\1\2\3\4\5\6"s))
            .identical(Tensor::from<std::uint8_t>({1, 3, 5, 2, 4, 6}, {2, 3})));
  CHECK(read(npy(described("|u1", "(2, 1, 2)", "True"), "\1\2\3\4"s))
            .identical(Tensor::from<std::uint8_t>({1, 3, 2, 4}, {2, 1, 2})));
  // Keys in another order, double quotes, Python 2's long integers, no trailing comma.
  CHECK(read(npy(R"({"shape":(2L,) ,"fortran_order":True,"descr":"u1"}  )", "\1\2"s))
            .identical(Tensor::from<std::uint8_t>({1, 2}, {2})));
}

TEST_CASE("f16 widens to f32 exactly, subnormals, infinities and NaN too") {
  const TempFolder dir;
  put(dir / "x.npy",
      npy(described("<f2", "(8,)"), "\0\x3c\0\xc0\1\0\xff\3\0\4\xff\x7b\0\xfc\0\x80"s));
  const Tensor x = read_npy(dir / "x.npy");
  CHECK(x.identical(Tensor::from<float>(
      {1.0F, -2.0F, 0x1p-24F, 1023 * 0x1p-24F, 0x1p-14F, 65504.0F, -INFINITY, -0.0F}, {8})));
  CHECK(std::isnan(from_f16(0x7e00)));
  CHECK(from_bf16(0x3fc0) == 1.5F);
}

TEST_CASE("a bad NPY file says where and what is wrong") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x", bytes);
    return error_of(dir, [&] { read_npy(dir / "x"); });
  };
  CHECK(text("\x1f\x8b\x08\0\0\0\0\0"s) ==
        "read_npy: DIR/x: byte 0: not an NPY file: expected \\x93NUMPY and a version, found gzip "
        "data");
  CHECK(text("\x93NUMPY"s) ==
        "read_npy: DIR/x: byte 6: the data break off: expected 2 bytes of version, found 0");
  CHECK(text("\x93NUMPY\x09\0\1\0{"s) ==
        "read_npy: DIR/x: byte 6: NPY version 9.0: expected 1, 2 or 3");
  CHECK(text("\x93NUMPY\x02\0\xff\xff\xff\xff"s) ==
        "read_npy: DIR/x: byte 8: a header of 4294967295 bytes: expected at most 1048576");
  CHECK(text("\x93NUMPY\x01\0\x10\0{'de"s) ==
        "read_npy: DIR/x: byte 10: the data break off: expected 16 bytes of header, found 4");
  CHECK(text(npy(described("<f4", "(2, 3)"), "1234")) ==
        "read_npy: DIR/x: byte 10: sizes [2, 3] need 24 bytes of data, but only 4 follow");
  CHECK(text(npy(described("<f4", "(4611686018427387904, 4)"), "1234")) ==
        "read_npy: DIR/x: byte 10: sizes [4611686018427387904, 4] have more than 2^59 elements");
  CHECK(text(npy(described("<f4", "(99999999999999999999,)"), "1234")) ==
        "read_npy: DIR/x: byte 61: the header breaks Python's syntax: expected a size of at most "
        "2^64 - 1, "
        "found 99999999999999999999...");
  CHECK(text(npy(described("|u1", "(2,)"), "abc")) ==
        "read_npy: DIR/x: byte 69: 1 byte too many after the data of [2]");
  CHECK(text(npy(described("|O", "(2,)"), "abc")) ==
        "read_npy: DIR/x: byte 20: type '|O' (Python objects): expected bool, an integer or a "
        "float of 16, "
        "32 or 64 bits");
  CHECK(text(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234")) ==
        "read_npy: DIR/x: byte 20: a structured array: expected one number type");
  CHECK(text(npy("{'descr': '<f4', 'shape': (1,)}", "1234")) ==
        "read_npy: DIR/x: byte 10: the header has no 'fortran_order'");
  CHECK(text(npy("{'shape': (1,), 'shape': (1,)}", "1234")) ==
        "read_npy: DIR/x: byte 26: the header has 'shape' twice");
  CHECK(text(npy("{'colour': 1}", "1234")) ==
        "read_npy: DIR/x: byte 11: unknown key 'colour' in the header");
  CHECK(text(npy(described("|u1", "(1,)") + " 1", "a")) ==
        "read_npy: DIR/x: byte 68: the header breaks Python's syntax: expected the end of the "
        "header, found 1");
  CHECK(text(npy("['<f4']", "1234")) ==
        "read_npy: DIR/x: byte 10: the header breaks Python's syntax: expected {, found ['<f4']");
  CHECK(text(npy(described("<i8", "(2,)"), "\1\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\0"s)) ==
        "read_npy: DIR/x: byte 75: the value 2147483648 does not fit i32");
  CHECK(error_of<Error>(dir, [&] { write_npy(dir / "y", Tensor()); }) ==
        "write_npy: the tensor is undefined");
}

TEST_CASE("no damage to an NPY file does worse than a FileError") {
  const TempFolder dir;
  const std::string bytes = npy(described(">i8", "(2, 2)", "True"), std::string(32, '\0'));
  const test::Damage result = damage(dir / "x", bytes, [](const std::string& p) { read_npy(p); });
  CHECK(result.cut_read == 0);
  CHECK(result.flip_read < 32 * 4);
}

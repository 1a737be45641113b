#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/npy.h"
#include "tests/tensor/files_support.h"
#include "tests/tensor/npz_support.h"

using namespace std::string_literals;
using namespace hourglass;
using hourglass::test::Archive;
using hourglass::test::damage;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::number;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

std::string npy_bytes(const TempFolder& dir, const Tensor& x) {
  write_npy(dir / "one.npy", x);
  return get(dir / "one.npy");
}

}  // namespace

TEST_CASE("what write_npz writes, read_npz reads, in order, and equal arrays give equal bytes") {
  const TempFolder dir;
  const std::vector<NamedTensor> tensors = {
      {"z", Tensor::from<float>({1, 2, 3}, {3})},
      {"encoder.0.weight", Tensor::full({2, 2}, 4, DType::kF64)},
      {"gr\xc3\xbc\xc3\x9f", Tensor({0, 3}, DType::kU8)}};
  write_npz(dir / "x.npz", tensors);
  write_npz(dir / "y.npz", tensors);
  CHECK(get(dir / "x.npz") == get(dir / "y.npz"));
  CHECK(get(dir / "x.npz").substr(10, 4) == "\0\0\x21\0"s);  // midnight, 1980-01-01
  const std::vector<NamedTensor> found = read_npz(dir / "x.npz");
  REQUIRE(found.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(found[i].name == tensors[i].name);
    CHECK(found[i].value.identical(tensors[i].value));
  }
  CHECK(read_npz(dir / "x.npz", "encoder.0.weight").identical(tensors[1].value));
  CHECK(error_of(dir, [&] { read_npz(dir / "x.npz", "code"); }) ==
        "read_npz: DIR/x.npz: no array 'code': found z, encoder.0.weight, gr\xc3\xbc\xc3\x9f");
  write_npz(dir / "empty.npz", {});
  CHECK(read_npz(dir / "empty.npz").empty());
}

TEST_CASE("deflated and ZIP64 archives are read") {
  const TempFolder dir;
  const Tensor x = Tensor::full({100, 10}, 3, DType::kI32);
  for (bool zip64 : {false, true}) {
    for (std::uint16_t method : {0, 8}) {
      put(dir / "x.npz",
          Archive{.bytes = npy_bytes(dir, x), .method = method, .zip64 = zip64}.text());
      CHECK(read_npz(dir / "x.npz", "a").identical(x));
    }
  }
}

TEST_CASE("a bad NPZ file says where and what is wrong") {
  const TempFolder dir;
  const std::string bytes = npy_bytes(dir, Tensor({4}, DType::kU8));
  const auto text = [&](const std::string& archive) {
    put(dir / "x", archive);
    return error_of(dir, [&] { read_npz(dir / "x"); });
  };
  CHECK(text("") == "read_npz: DIR/x: byte 0: not an NPZ archive: found an empty file");
  CHECK(text(bytes) == "read_npz: DIR/x: byte 0: not an NPZ archive: found a NumPy array (.npy)");
  const std::string good = Archive{.bytes = bytes, .method = 0}.text();
  CHECK(text(good.substr(0, good.size() - 1)) ==
        "read_npz: DIR/x: byte 239: the archive breaks off: it has no directory at its end");
  CHECK(text(Archive{.bytes = bytes, .flags = 1}.text()).ends_with(": a.npy: encrypted"));
  CHECK(text(Archive{.bytes = bytes, .method = 12}.text()) ==
        "read_npz: DIR/x: byte 167: a.npy: compression method 12: expected 0 (stored) or 8 "
        "(deflated)");
  CHECK(text(Archive{.name = "a.txt", .bytes = bytes, .method = 0}.text()) ==
        "read_npz: DIR/x: byte 167: a.txt: expected a member that ends in .npy");
  CHECK(text(Archive{.bytes = bytes, .method = 0, .size_error = 1}.text()) ==
        "read_npz: DIR/x: byte 167: a.npy: stored, but its two sizes differ");
  CHECK(text(Archive{.bytes = bytes, .size_error = 1}.text())
            .ends_with(": a.npy: unpacks to 132 bytes, the directory says 133"));
  const std::string crc = text(Archive{.bytes = bytes, .method = 0, .crc_error = 1}.text());
  CHECK(crc.starts_with("read_npz: DIR/x: byte 35: a.npy: the data are corrupt: CRC "));
  CHECK(text(Archive{.bytes = bytes + "x", .method = 0}.text()) ==
        "read_npz: DIR/x: byte 167: a.npy: 1 byte too many after the data of [4]");
  CHECK(text(Archive{.bytes = bytes.substr(0, 130), .method = 0}.text()) ==
        "read_npz: DIR/x: byte 45: a.npy: sizes [4] need 4 bytes of data, but only 2 follow");
  // The directory said to lie elsewhere, the member said to lie elsewhere, one entry more than
  // there is.
  std::string moved = good;
  moved.replace(good.size() - 6, 4, number(1000, 4));
  CHECK(text(moved) ==
        "read_npz: DIR/x: byte 218: the directory of 51 bytes at byte 1000 does not lie before its "
        "end record");
  moved = good;
  moved.replace(167 + 20, 8, number(133, 4) + number(133, 4));
  CHECK(text(moved) ==
        "read_npz: DIR/x: byte 167: a.npy: its 133 bytes at byte 35 lie outside the archive");
  moved = good;
  moved[0] = 'Q';
  CHECK(text(moved) == "read_npz: DIR/x: byte 0: a.npy: expected a local header");
  moved = good;
  moved.replace(167 + 42, 4, number(166, 4));
  CHECK(text(moved) ==
        "read_npz: DIR/x: byte 167: a.npy: its header at byte 166 lies outside the archive");
  moved = good;
  moved.replace(good.size() - 12, 2, number(2, 2));
  CHECK(text(moved) ==
        "read_npz: DIR/x: byte 167: the directory has 1 entries, its end record says 2");
}

TEST_CASE("an archive may end in a comment, even one that looks like its end") {
  const TempFolder dir;
  const Tensor x({4}, DType::kU8);
  std::string bytes = Archive{.bytes = npy_bytes(dir, x)}.text();
  const std::string comment = "PK\5\6" + std::string(40, '\0');
  bytes.replace(bytes.size() - 2, 2, number(comment.size(), 2));
  put(dir / "x.npz", bytes + comment);
  CHECK(read_npz(dir / "x.npz", "a").identical(x));
}

TEST_CASE("a name twice is refused") {
  const TempFolder dir;
  const Tensor x({4}, DType::kU8);
  write_npz(dir / "x.npz", {{"a", x}, {"b", x}});
  std::string bytes = get(dir / "x.npz");
  for (std::size_t at; (at = bytes.find("b.npy")) != std::string::npos;) bytes[at] = 'a';
  put(dir / "x.npz", bytes);
  CHECK(error_of(dir, [&] { read_npz(dir / "x.npz"); }) ==
        "read_npz: DIR/x.npz: byte " + std::to_string(bytes.rfind("PK\1\2")) +
            ": a.npy: a second member of this name");
}

TEST_CASE("members that share bytes are refused") {
  const TempFolder dir;
  const Tensor x({4}, DType::kU8);
  write_npz(dir / "x.npz", {{"a", x}, {"b", x}});
  std::string bytes = get(dir / "x.npz");
  const std::size_t second = bytes.rfind("PK\1\2");
  bytes.replace(second + 42, 4, number(0, 4));
  put(dir / "x.npz", bytes);
  CHECK(error_of(dir, [&] { read_npz(dir / "x.npz"); }) ==
        "read_npz: DIR/x.npz: byte " + std::to_string(second) + ": b.npy overlaps a.npy");
}

TEST_CASE("no damage to an NPZ file does worse than a FileError") {
  const TempFolder dir;
  write_npz(dir / "x.npz", {{"a", Tensor({2}, DType::kU8)}, {"b", Tensor({1}, DType::kF32)}});
  const test::Damage stored =
      damage(dir / "y", get(dir / "x.npz"), [](const std::string& p) { read_npz(p); });
  CHECK(stored.cut_read == 0);
  const std::string bytes = npy_bytes(dir, Tensor::full({30}, 5, DType::kI32));
  const test::Damage packed = damage(dir / "y", Archive{.bytes = bytes, .zip64 = true}.text(),
                                     [](const std::string& p) { read_npz(p); });
  CHECK(packed.cut_read == 0);
}

TEST_CASE("write_npz refuses names that could not be read back, before it writes") {
  const TempFolder dir;
  const auto text = [&](const std::vector<NamedTensor>& tensors) {
    return error_of<Error>(dir, [&] { write_npz(dir / "x.npz", tensors); });
  };
  const Tensor x({1}, DType::kU8);
  CHECK(text({{"", x}}) == "write_npz: not a usable name: ''");
  CHECK(text({{"../x", x}}) == "write_npz: not a usable name: '../x'");
  CHECK(text({{"/x", x}}) == "write_npz: not a usable name: '/x'");
  CHECK(text({{"x", x}, {"x", x}}) == "write_npz: name used twice: 'x'");
  CHECK(text({{"x", Tensor()}}) == "write_npz: the tensor 'x' is undefined");
  CHECK(dir.listing().empty());
}

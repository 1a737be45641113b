// Files that no reader can make sense of: each is one line of an error that names it.

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/jpeg.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tensor/files/safetensors.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using namespace hourglass::nn;
using hourglass::test::get;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

struct Hostile {
  std::string name, bytes;
  ReadOptions options = {};
};

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

void add_tables(std::vector<Hostile>& all) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"empty.csv", ""},
      {"blank.csv", "\n\n  \n"},
      {"header.csv", "a,b\n"},
      {"ragged.csv", "a,b\n1,2\n3\n"},
      {"wide.csv", "a,b\n1,2,3\n"},
      {"words.csv", "a,b\n1,red\n"},
      {"late-word.csv", "a,b\n1,2\n3,x\n"},
      {"first-word.csv", "1,2,x\n3,4,5\n"},
      {"missing.csv", "a,b\n1,\n"},
      {"question.csv", "5.1,?,3\n4,5,6\n"},
      {"all-missing.csv", "a,b\n1,NA\n2,NA\n"},
      {"only-missing.csv", "?,?\n?,?\n"},
      {"nan.csv", "a,b\n1,nan\n"},
      {"inf.csv", "a,b\n1,inf\n"},
      {"large.csv", "a,b\n1,1e999\n"},
      {"quote.csv", "a,b\n1,\"2\n"},
      {"quote-end.csv", "a,b\n1,\"2\"3\n"},
      {"utf16.csv", "\xff\xfe\x31\x00\x2c\x00"s},
      {"nul.csv", "a,b\n1,\0\n"s},
      {"columns.csv", std::string(1 << 21, ',')},
      {"long.csv", "1," + std::string(17 << 20, '7')},
      {"hex.csv", "a,b\n0x10,1\n"},
      {"thousands.csv", "a;b\n1,000;2\n"},
      {"times.csv", "when\n2020-01-01\n2020-01-02\n"},
      {"mixed-times.csv", "a,when\n1,5\n2,2020-01-02\n"},
      {"gzip.csv.gz", "\x1f\x8b\x08\x00garbage"s},
      {"truncated.csv.gz", "\x1f\x8b\x08"s},
      {"html.csv", "<!DOCTYPE html>\n<html><body>404, not found</body></html>\n"},
      {"lfs.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"},
      {"tabs.tsv", "a\tb\n1\t2\t3\n"},
  };
  for (const auto& [name, bytes] : texts) all.push_back({name, bytes});
  all.push_back({"label.csv", "a,b\n1,2\n", {.label = "c"}});
  all.push_back({"label-missing.csv", "a,b\n1,\n", {.label = "b"}});
  all.push_back({"label-real.csv", "a,b\n1,0.5\n", {.label = "b"}});
  all.push_back({"drop.csv", "a,b\n1,2\n", {.drop = {"c"}}});
  all.push_back({"drop-all.csv", "a,b\n1,2\n", {.drop = {"a", "b"}}});
  all.push_back({"columns-0.csv", "a,b\n1,2\n", {.columns = {"0"}}});
  all.push_back({"column-named.csv", "a,b\n1,x\n", {.columns = {"b"}}});
  all.push_back({"category.csv", "a,b\n1,2\n", {.category = {"c"}}});
  all.push_back({"every-row.csv", "a,b\n1,\n,2\n", {.missing = Missing::kDrop}});
  all.push_back({"counts.csv", "1,-2\n", {.kind = DataKind::kCounts}});
  all.push_back({"image.csv", "1,2\n", {.kind = DataKind::kImage}});
  all.push_back({"comma.csv", "1.5;2\n", {.decimal_comma = true}});
}

std::string npy_of(const std::string& dictionary, const std::string& data = "") {
  std::string text = dictionary;
  text.resize(117, ' ');
  return "\x93NUMPY\x01\x00\x76\x00"s + text + "\n" + data;
}

void add_arrays(std::vector<Hostile>& all, const TempFolder& dir) {
  const auto dictionary = [](const std::string& type, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  };
  const std::string sizes = "\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x1c"s;
  write_npy(dir / "good", Tensor::from<double>({1, 2, 3, 4}, {2, 2}));
  const std::string npy = get(dir / "good");
  write_npz(dir / "good", {{"a", Tensor({2, 2}, DType::kF32)}, {"b", Tensor({2, 2}, DType::kF32)}});
  const std::string npz = get(dir / "good");
  write_safetensors(dir / "good", {{"a", Tensor({2, 2}, DType::kF32)}});
  const std::string safetensors = get(dir / "good");
  const std::vector<std::pair<std::string, std::string>> files = {
      {"empty.npy", ""},
      {"magic.npy", "\x93NUMPX\x01\x00"s},
      {"cut.npy", npy.substr(0, npy.size() - 3)},
      {"cut-header.npy", npy.substr(0, 40)},
      {"more.npy", npy + "x"},
      {"objects.npy", npy_of(dictionary("|O", "2,"), "ab")},
      {"strings.npy", npy_of(dictionary("<U5", "2,"), "ab")},
      {"complex.npy", npy_of(dictionary("<c8", "2,"), "ab")},
      {"huge.npy", npy_of(dictionary("<f8", "2147483648, 2147483648"))},
      {"overflow.npy", npy_of(dictionary("<f8", "4611686018427387904, 8"))},
      {"no-rows.npy", npy_of(dictionary("<f8", "0, 3"))},
      {"no-columns.npy", npy_of(dictionary("<f8", "3, 0"))},
      {"scalar.npy", npy_of(dictionary("<f8", ""), "12345678")},
      {"five.npy", npy_of(dictionary("|u1", "1, 1, 1, 1, 1"), "a")},
      {"channels.npy", npy_of(dictionary("|u1", "1, 2, 2, 2"), "abcdefgh")},
      {"nan.npy", npy_of(dictionary("<f4", "1, 1"), "\x00\x00\xc0\x7f"s)},
      {"inf.npy", npy_of(dictionary("<f4", "1, 1"), "\x00\x00\x80\x7f"s)},
      {"two.npz", npz},
      {"cut.npz", npz.substr(0, npz.size() - 30)},
      {"empty.npz", "PK\x05\x06"s + std::string(18, '\0')},
      {"cut.safetensors", safetensors.substr(0, safetensors.size() - 1)},
      {"length.safetensors", "\xff\xff\xff\xff\xff\xff\xff\xff{}"s},
      {"empty.safetensors", "\x02\x00\x00\x00\x00\x00\x00\x00{}"s},
      {"sizes.idx3-ubyte", sizes},
      {"cut.idx3-ubyte", "\x00\x00\x08\x03\x00\x00"s},
      {"type.idx1-ubyte", "\x00\x00\x0a\x01\x00\x00\x00\x01x"s},
      {"none.idx3-ubyte", "\x00\x00\x08\x03"s + std::string(12, '\0')},
      {"more.idx1-ubyte", "\x00\x00\x08\x01\x00\x00\x00\x01xy"s},
  };
  for (const auto& [name, bytes] : files) all.push_back({name, bytes});
  all.push_back({"member.npz", npz, {.member = "c"}});
  all.push_back({"kind.npy", npy, {.kind = DataKind::kImage}});
  std::filesystem::remove(dir / "good");
}

void add_pictures(std::vector<Hostile>& all, const TempFolder& dir) {
  const Tensor image({8, 8, 3}, DType::kU8);
  write_png(dir / "good", image);
  const std::string png = get(dir / "good"), jpeg = jpeg_bytes(image, 90);
  std::string corrupt = png;
  corrupt[png.size() - 20] ^= 0x55;
  const std::vector<std::pair<std::string, std::string>> files = {
      {"empty.png", ""},
      {"magic.png", "\x89PNG"s},
      {"cut.png", png.substr(0, png.size() / 2)},
      {"corrupt.png", corrupt},
      {"text.png", "this is no picture"},
      {"empty.jpg", ""},
      {"cut.jpg", jpeg.substr(0, jpeg.size() / 2)},
      {"head.jpg", jpeg.substr(0, 4)},
      {"zeros.jpg", "\xff\xd8\xff"s + std::string(100, '\0')},
      {"cut.ppm", "P6 8 8 255\nabc"},
      {"huge.pgm", "P5 16000000 16000000 255\nabc"},
      {"size.pgm", "P5 99999999999 1 255\nabc"},
      {"level.pgm", "P2 2 1 255\n1 256\n"},
      {"more.pbm", "P1 1 1\n1 1\n"},
      {"none.pbm", "P4 0 0\n"},
  };
  for (const auto& [name, bytes] : files) all.push_back({name, bytes});
  std::filesystem::remove(dir / "good");
}

void add_counts(std::vector<Hostile>& all) {
  const std::string banner = "%%MatrixMarket matrix coordinate integer general\n";
  const std::vector<std::pair<std::string, std::string>> files = {
      {"empty.svm", ""},
      {"labels.svm", "1\n0\n"},
      {"colon.svm", "1 2:3\n1 2:\n"},
      {"twice.svm", "1 2:3 2:3\n"},
      {"large.svm", "1 4294967296:3\n"},
      {"negative.svm", "1 -1:3\n"},
      {"nan.svm", "1 1:nan\n"},
      {"word.svm", "1 1:1\nspam 1:1\n"},
      {"some-labels.svm", "1 1:1\n1:1\n"},
      {"empty.mtx", ""},
      {"banner.mtx", banner},
      {"cut.mtx", banner + "2 2 2\n1 1 1\n"},
      {"outside.mtx", banner + "2 2 1\n3 3 1\n"},
      {"columns.mtx", banner + "2 2147483648 1\n1 1 1\n"},
      {"entries.mtx", banner + "2 2 99999999999\n1 1 1\n"},
      {"word.mtx", banner + "2 2 1\n1 1 one\n"},
      {"none.mtx", banner + "0 0 0\n"},
      {"empty.txt", ""},
      {"numbers.txt", "? ! .\n"},
      {"binary.dat", repeated("\x01\x02\x03\xfe", 50)},
  };
  for (const auto& [name, bytes] : files) all.push_back({name, bytes});
}

// The text of the error, with the folder as DIR; "read" where there is none.
std::string outcome(const TempFolder& dir, const std::string& path, const ReadOptions& options) {
  try {
    read_data(path, options);
  } catch (const Error& error) {
    std::string text = error.what();
    for (std::size_t at; (at = text.find(dir.path())) != std::string::npos;) {
      text.replace(at, dir.path().size(), "DIR");
    }
    return text;
  }
  return "read";
}

}  // namespace

TEST_CASE("100 hostile files: each is refused in one line that names it") {
  const TempFolder dir;
  std::vector<Hostile> all;
  add_tables(all);
  add_arrays(all, dir);
  add_pictures(all, dir);
  add_counts(all);
  CHECK(all.size() >= 100);
  for (const Hostile& each : all) {
    put(dir / each.name, each.bytes);
    const std::string text = outcome(dir, dir / each.name, each.options);
    CAPTURE(each.name);
    CAPTURE(text);
    CHECK(text.find("DIR/" + each.name) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.size() < 400);
    std::filesystem::remove(dir / each.name);
  }
}

TEST_CASE("folders that hold no data, or several kinds, say what was found") {
  const TempFolder dir;
  CHECK(outcome(dir, dir.path(), {}) == "data: DIR: expected files of data, found nothing");
  CHECK(outcome(dir, dir / "none", {}) == "data: DIR/none: cannot open: No such file or directory");
  put(dir / "x.bin", "\x01\x02\x03\xfe"s);
  CHECK(outcome(dir, dir.path(), {}) == "data: DIR: expected files of data, found x.bin");
  put(dir / "x.csv", "1,2\n");
  write_png(dir / "x.png", Tensor({1, 1}, DType::kU8));
  CHECK(outcome(dir, dir.path(), {}) ==
        "data: DIR: expected data of one kind: found pictures beside others: x.bin, x.csv, x.png");
  CHECK(outcome(dir, dir / "x.csv", {.format = "cvs"}) ==
        "format: there is none named cvs: did you mean csv? Expected one of csv, idx, jpeg, mtx, "
        "npy, npz, png, pnm, safetensors, svmlight, text");
}

TEST_CASE("one row and one column are data, names of files are any bytes") {
  const TempFolder dir;
  put(dir / "one.csv", "5\n");
  CHECK(read_data(dir / "one.csv").all.examples.shape() == Shape{1, 1});
  const std::string name = dir / "\xff\xfe odd\tname.csv";
  put(name, "1,2\n");
  CHECK(read_data(name).all.examples.shape() == Shape{1, 2});
  put(name, "1,2\n3\n");
  CHECK(outcome(dir, name, {}) ==
        "read_csv: DIR/\xff\xfe odd\\x09name.csv: line 2: expected 2 columns, found 1");
}

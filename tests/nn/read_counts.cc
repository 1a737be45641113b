// Counts through the one door: SVMlight, Matrix Market, plain text.

#include <filesystem>
#include <string>
#include <vector>

#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tests/nn/support.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using namespace hourglass::nn;
using hourglass::test::error_of;
using hourglass::test::put;
using hourglass::test::TempFolder;
using testing::classes_of;

namespace {

using Names = std::vector<std::string>;

Tensor counts(const std::vector<std::int32_t>& values, const Shape& shape) {
  return Tensor::from(values, shape);
}

}  // namespace

TEST_CASE("SVMlight's indices count from 0 or from 1, as the file or the model has it") {
  const TempFolder dir;
  put(dir / "x.svm", "1 1:3 3:1 # a comment\n\n0 2:5\n2\n");
  const RawData data = read_data(dir / "x.svm");
  CHECK(data.all.kind == DataKind::kCounts);
  CHECK(data.all.examples.tensor().identical(counts({3, 0, 1, 0, 5, 0, 0, 0, 0}, {3, 3})));
  CHECK(classes_of(data.all) == std::vector<std::int32_t>{1, 0, 2});
  CHECK(data.first_index == 1);
  CHECK(data.notes == Names{"indices from 1: 3 columns"});

  put(dir / "y.svm", "1 3:1 0:2\n");
  const RawData from_zero = read_data(dir / "y.svm");
  CHECK(from_zero.all.examples.tensor().identical(counts({2, 0, 0, 1}, {1, 4})));
  put(dir / "z.svm", "1 1:7\n");
  CHECK(read_data(dir / "z.svm", {.schema = schema_of(from_zero)})
            .all.examples.tensor()
            .identical(counts({0, 7, 0, 0}, {1, 4})));
  CHECK(error_of(dir, [&] { read_data(dir / "y.svm", {.schema = schema_of(data)}); }) ==
        "data: DIR/y.svm: an index of 0: the model has learnt from indices from 1");
  put(dir / "z.svm", "1 1:7\n0 2:1 9:1\n");
  CHECK(error_of(dir, [&] { read_data(dir / "z.svm", {.schema = schema_of(from_zero)}); }) ==
        "data: DIR/z.svm: line 2: an index of 9: the model knows 4 columns");
}

TEST_CASE("SVMlight without labels, with other numbers, with names beside it") {
  const TempFolder dir;
  put(dir / "x.svm", "qid:1 0:1 1:2\n0:4\n");
  CHECK(!read_data(dir / "x.svm").all.labels.defined());
  put(dir / "vocab2.txt", "ax 12\nbee 7\n");
  CHECK(read_data(dir / "x.svm").all.columns == Names{"ax", "bee"});
  put(dir / "x.svm", "-1 0:0.5 1:2\n+1 0:4\n");
  const RawData rows = read_data(dir / "x.svm");
  CHECK(rows.all.kind == DataKind::kRow);
  CHECK(rows.all.examples.tensor().identical(Tensor::from<float>({0.5F, 2, 4, 0}, {2, 2})));
  CHECK(rows.all.classes == Names{"-1", "1"});
}

TEST_CASE("numbers that are said to be counts are looked at where they are, not across the width") {
  const TempFolder dir;
  const ReadOptions counts{.kind = DataKind::kCounts};
  put(dir / "x.svm", "1 1:16777217 3:2\n0 2147483646:7\n");
  const Rows examples = read_data(dir / "x.svm", counts).all.examples;
  CHECK(examples.is_sparse());
  CHECK(examples.dtype() == DType::kI32);
  CHECK(examples.width() == 2147483646);
  put(dir / "x.svm", "1 1:16777217 3:2\n0 2147483646:7.5\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.svm", counts); }) ==
        "data: DIR/x.svm: row 2, column 2147483646: expected a count, found 7.5");
}

TEST_CASE("a bad SVMlight file says in which line") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes) {
    put(dir / "x.svm", bytes);
    return error_of(dir, [&] { read_data(dir / "x.svm"); });
  };
  CHECK(text("1 2:3\n1 2;3\n") ==
        "read_svmlight: DIR/x.svm: line 2: expected index:value, found '2;3'");
  CHECK(text("1 2:3\n1 2:inf\n") ==
        "read_svmlight: DIR/x.svm: line 2: expected index:value, found '2:inf'");
  CHECK(text("1 2:3\nx 2:3\n") ==
        "read_svmlight: DIR/x.svm: line 2: expected a label, a number: found 'x'");
  CHECK(text("1 2:3\n2:3\n") ==
        "read_svmlight: DIR/x.svm: line 2: no label: the lines before have one");
  CHECK(text("2:3\n1 2:3\n") ==
        "read_svmlight: DIR/x.svm: line 2: a label: the lines before have none");
  CHECK(text("1 2:3 1:1 2:4\n") == "read_svmlight: DIR/x.svm: line 1: an index comes twice");
  CHECK(text("1 2147483648:3\n") ==
        "read_svmlight: DIR/x.svm: line 1: an index of 2147483648: expected 0 to 2^31 - 2");
  CHECK(text("") == "data: DIR/x.svm: expected lines of label index:value, found none");
  CHECK(text("1\n2\n") == "data: DIR/x.svm: expected entries index:value, found none");
}

TEST_CASE("a Matrix Market file holds its rows, or cells by the files beside it") {
  const TempFolder dir;
  const std::string entries = "% made by hand\n3 2 3\n1 1 4\n3 2 1\n2 1 7\n";
  put(dir / "matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n" + entries);
  const RawData plain = read_data(dir / "matrix.mtx");
  CHECK(plain.all.examples.tensor().identical(counts({4, 0, 7, 0, 0, 1}, {3, 2})));
  CHECK(plain.notes == Names{"the rows of the matrix are the examples"});
  put(dir / "features.tsv", "ENSG1\tTP53\tGene Expression\nENSG2\tHBA\tx\nENSG3\tHBA\tx\n");
  put(dir / "barcodes.tsv", "AAAC\nAAAG\n");
  for (const std::string& path : {dir / "matrix.mtx", dir.path()}) {
    const RawData cells = read_data(path);
    CHECK(cells.all.examples.tensor().identical(counts({4, 7, 0, 0, 0, 1}, {2, 3})));
    CHECK(cells.all.columns == Names{"TP53", "HBA", "HBA-1"});
  }
  put(dir / "features.tsv", "ENSG1\tTP53\n");
  CHECK(error_of(dir, [&] { read_data(dir / "matrix.mtx"); }) ==
        "data: DIR/features.tsv: 1 lines: the matrix has 3 rows and 2 columns");

  put(dir / "s.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n");
  std::filesystem::remove(dir / "features.tsv");
  CHECK(read_data(dir / "s.mtx").all.examples.tensor().identical(counts({1, 1, 1, 0}, {2, 2})));
  put(dir / "s.mtx", "%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n");
  CHECK(read_data(dir / "s.mtx").all.examples.tensor().identical(counts({1, 3, 2, 4}, {2, 2})));
}

TEST_CASE("a bad Matrix Market file says in which line") {
  const TempFolder dir;
  const auto text = [&](const std::string& bytes, bool banner = true) {
    put(dir / "x.mtx",
        (banner ? "%%MatrixMarket matrix coordinate integer general\n" : "") + bytes);
    return error_of(dir, [&] { read_data(dir / "x.mtx"); });
  };
  const std::string at = "read_matrix_market: DIR/x.mtx: line ";
  CHECK(text("2 2 1\n", false) ==
        at + "1: expected %%MatrixMarket matrix, a format, a field and a symmetry");
  CHECK(text("%%MatrixMarket matrix coordinate complex general\n", false) ==
        at + "1: field: expected real, integer, double or pattern: found 'complex'");
  CHECK(text("2 2\n") == at + "2: expected sizes from 1 on, rows columns entries: found '2 2'");
  CHECK(text("2 2 9999999\n") == at + "2: 9999999 entries do not fit a file of 61 bytes");
  CHECK(text("2 2147483648 1\n1 1 1\n") ==
        at + "2: a matrix of 2 by 2147483648: expected at most 2^31 - 1");
  CHECK(text("%%MatrixMarket matrix coordinate pattern symmetric\n2 3 2\n2 1\n2 3\n", false) ==
        at + "2: a symmetric matrix of 2 by 3: expected as many columns as rows");
  CHECK(text("2 2 2\n1 1 1\n") ==
        "data: DIR/x.mtx: the file ends after line 3: expected more entries");
  CHECK(text("2 2 1\n1 1 1\n2 2 2\n") == at + "4: more entries than the sizes say");
  CHECK(text("2 2 1\n3 1 1\n") == at + "3: an entry at 3, 1: expected 1 to 2, 1 to 2");
  CHECK(text("2 2 1\n1 1 x\n") == at + "3: expected row column value, found '1 1 x'");
  CHECK(text("2 2 2\n1 1 1\n1 1 2\n") == "data: DIR/x.mtx: row 1: an entry comes twice");
}

TEST_CASE("a header of a Matrix Market file that says billions of rows costs no memory") {
  const TempFolder dir;
  const std::string banner = "%%MatrixMarket matrix coordinate integer general\n";
  put(dir / "x.mtx", banner + "2147483647 2147483647 1\n1 1 1\n");
  CHECK(
      error_of(dir, [&] { read_data(dir / "x.mtx"); }) ==
      "data: DIR/x.mtx: 2147483647 examples of 1 entries in all: expected at most 1048576 without "
      "any");
  put(dir / "x.mtx", banner + "1048577 3 1\n7 2 1\n");
  CHECK(read_data(dir / "x.mtx").all.count() == 1048577);
}

TEST_CASE("plain text is counts of its commonest words, a document a line or a file") {
  const TempFolder dir;
  put(dir / "x.txt", "The cat, the CAT and a dog.\n\xc3\x84pfel \xc3\xa4pfel 1984 b2\n\n");
  const RawData data = read_data(dir / "x.txt", {.vocabulary = 3});
  CHECK(data.all.columns == Names{"cat", "the", "\xc3\xa4pfel"});
  CHECK(data.all.examples.tensor().identical(counts({2, 2, 0, 0, 0, 2, 0, 0, 0}, {3, 3})));
  CHECK(data.notes == Names{"3 documents, 3 of 6 words"});
  CHECK(read_data(dir / "x.txt", {.stop_words = "english"}).all.columns ==
        Names{"cat", "\xc3\xa4pfel", "b2", "dog"});
  put(dir / "latin1.txt",
      "\xd1"
      "andu \xd1"
      "andu dog\n");
  CHECK(read_data(dir / "latin1.txt", {.vocabulary = 1}).all.columns == Names{"\xd1"
                                                                              "andu"});
  put(dir / "y.txt", "a dog, a cat and a zebra");
  CHECK(read_data(dir / "y.txt", {.schema = schema_of(data)})
            .all.examples.tensor()
            .identical(counts({1, 0, 0}, {1, 3})));
  CHECK(error_of(dir, [&] { read_data(dir / "y.txt", {.schema = Schema{.width = 3}}); }) ==
        "data: DIR/y.txt: a text: the model has learnt from data without words");
  put(dir / "x.txt", "1 2 3, 4!\n? .\n");
  CHECK(error_of(dir, [&] { read_data(dir / "x.txt", {.format = "text"}); }) ==
        "data: DIR/x.txt: expected a text, found no words");

  // Prose has commas and numbers too.
  put(dir / "x.txt", "On Monday, 3 dogs came\nOn Friday, 4 cats came\n");
  CHECK(read_data(dir / "x.txt").all.kind == DataKind::kCounts);
  for (const char* name : {"news", "sport"}) {
    std::filesystem::create_directories(dir / name);
    put(dir / name + "/1", "one two\nthree one");
  }
  std::filesystem::remove(dir / "x.txt");
  std::filesystem::remove(dir / "y.txt");
  const RawData classes = read_data(dir.path());
  CHECK(classes.all.classes == Names{"news", "sport"});
  CHECK(classes.all.columns == Names{"one", "three", "two"});
  CHECK(classes.all.examples.tensor().identical(counts({2, 1, 1, 2, 1, 1}, {2, 3})));
}

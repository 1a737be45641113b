#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string_view>
#include <utility>

#include "nn/data/formats/columns.h"
#include "nn/data/formats/counts.h"
#include "nn/data/formats/format.h"
#include "tensor/error.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"
#include "tensor/files/text_lines.h"
#include "tensor/memory.h"

namespace hourglass::internal {

using namespace nn;

namespace {

constexpr std::int64_t kMostSize = std::numeric_limits<std::int32_t>::max();

struct Entry {
  std::int32_t row = 0, column = 0;
  float value = 1;
};

struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<Entry> entries;
};

// Words of a line, parted by blanks.
std::vector<std::string_view> words_of_line(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(" \t")));
    line.remove_prefix(words.back().size());
  }
}

template <class T>
bool read_number(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// R. F. Boisvert, R. Pozo, K. Remington, "The Matrix Market Exchange Formats" (NISTIR 5935).
class MatrixMarketReader {
 public:
  MatrixMarketReader(ByteStream& stream, const std::string& path)
      : stream_(stream), path_(path), lines_(stream) {}

  Matrix read() {
    read_banner();
    const std::vector<std::string_view> sizes = next_words("the sizes");
    std::int64_t count = 0;
    const bool whole = sizes.size() == (dense_ ? 2U : 3U) && read_number(sizes[0], matrix_.rows) &&
                       read_number(sizes[1], matrix_.columns) &&
                       (dense_ || read_number(sizes[2], count));
    if (!whole || matrix_.rows < 1 || matrix_.columns < 1 || count < 0) {
      lines_.fail(fmt::format("expected sizes from 1 on, {}: found '{}'",
                              dense_ ? "rows columns" : "rows columns entries",
                              printable(line_, 40)));
    }
    if (matrix_.rows > kMostSize || matrix_.columns > kMostSize) {
      lines_.fail(fmt::format("a matrix of {} by {}: expected at most 2^31 - 1", matrix_.rows,
                              matrix_.columns));
    }
    if (symmetric_ && matrix_.rows != matrix_.columns) {
      lines_.fail(fmt::format("a symmetric matrix of {} by {}: expected as many columns as rows",
                              matrix_.rows, matrix_.columns));
    }
    if (dense_) {
      read_dense();
    } else {
      read_entries(count);
    }
    while (lines_.next(line_)) {
      if (!words_of_line(line_).empty()) lines_.fail("more entries than the sizes say");
    }
    return std::move(matrix_);
  }

 private:
  void read_banner() {
    std::vector<std::string_view> banner;
    if (lines_.next(line_)) {
      line_ = lower_case(line_);
      banner = words_of_line(line_);
    }
    if (banner.size() != 5 || banner[0] != "%%matrixmarket" || banner[1] != "matrix") {
      lines_.fail("expected %%MatrixMarket matrix, a format, a field and a symmetry");
    }
    dense_ = expect_one(banner[2], "format", {"coordinate", "array"}) == 1;
    pattern_ = expect_one(banner[3], "field", {"real", "integer", "double", "pattern"}) == 3;
    symmetric_ = expect_one(banner[4], "symmetry", {"general", "symmetric"}) == 1;
    if (dense_ && (pattern_ || symmetric_)) lines_.fail("an array: expected numbers, general");
  }

  std::size_t expect_one(std::string_view found, const char* what,
                         const std::vector<std::string_view>& known) const {
    const auto at = std::find(known.begin(), known.end(), found);
    if (at == known.end()) {
      lines_.fail(
          fmt::format("{}: expected {}: found {}", what, either_of(known), in_quotes(found)));
    }
    return static_cast<std::size_t>(at - known.begin());
  }

  // Of the next line that is no comment and not empty.
  std::vector<std::string_view> next_words(const char* what) {
    while (lines_.next(line_)) {
      if (line_.starts_with('%')) continue;
      std::vector<std::string_view> words = words_of_line(line_);
      if (!words.empty()) return words;
    }
    fail_data(path_,
              fmt::format("the file ends after line {}: expected {}", lines_.number(), what));
  }

  // Each takes some bytes of the file.
  void check_count(std::uint64_t count, std::uint64_t bytes) const {
    if (count > stream_.file().size() * (stream_.exact() ? 1 : 1032) / bytes + 1) {
      lines_.fail(
          fmt::format("{} entries do not fit a file of {} bytes", count, stream_.file().size()));
    }
    check_memory("data", "the entries of " + printable(path_),
                 static_cast<std::size_t>(count) * sizeof(Entry) * (symmetric_ ? 2 : 1));
  }

  void read_entries(std::int64_t count) {
    check_count(static_cast<std::uint64_t>(count), 4);
    matrix_.entries.reserve(static_cast<std::size_t>(count) * (symmetric_ ? 2 : 1));
    const std::size_t fields = pattern_ ? 2 : 3;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::vector<std::string_view> words = next_words("more entries");
      std::int64_t row = 0, column = 0;
      float value = 1;
      const bool good = words.size() == fields && read_number(words[0], row) &&
                        read_number(words[1], column) &&
                        (pattern_ || (read_number(words[2], value) && std::isfinite(value)));
      if (!good) {
        lines_.fail(fmt::format("expected row column{}, found '{}'", pattern_ ? "" : " value",
                                printable(line_, 40)));
      }
      if (row < 1 || row > matrix_.rows || column < 1 || column > matrix_.columns) {
        lines_.fail(fmt::format("an entry at {}, {}: expected 1 to {}, 1 to {}", row, column,
                                matrix_.rows, matrix_.columns));
      }
      const Entry entry{static_cast<std::int32_t>(row - 1), static_cast<std::int32_t>(column - 1),
                        value};
      matrix_.entries.push_back(entry);
      if (symmetric_ && row != column) {
        matrix_.entries.push_back({entry.column, entry.row, value});
      }
    }
  }

  // Column by column, a number a line.
  void read_dense() {
    check_count(
        static_cast<std::uint64_t>(matrix_.rows) * static_cast<std::uint64_t>(matrix_.columns), 2);
    for (std::int64_t i = 0; i < matrix_.rows * matrix_.columns; ++i) {
      const std::vector<std::string_view> words = next_words("more numbers");
      Entry entry{static_cast<std::int32_t>(i % matrix_.rows),
                  static_cast<std::int32_t>(i / matrix_.rows), 0};
      if (words.size() != 1 || !read_number(words[0], entry.value) || !std::isfinite(entry.value)) {
        lines_.fail(fmt::format("expected a number, found '{}'", printable(line_, 40)));
      }
      if (entry.value != 0) matrix_.entries.push_back(entry);
    }
  }

  ByteStream& stream_;
  const std::string& path_;
  TextLines lines_;
  std::string line_;
  bool dense_ = false, pattern_ = false, symmetric_ = false;
  Matrix matrix_;
};

// A header may say any number of examples: their entries take up room in the file, empty ones do not.
void check_examples(const std::string& path, std::int64_t examples, std::size_t entries) {
  constexpr std::int64_t kMostEmpty = 1 << 20;
  if (examples - static_cast<std::int64_t>(entries) <= kMostEmpty) return;
  fail_data(path, fmt::format("{} examples of {} entries in all: expected at most {} without any",
                              examples, entries, kMostEmpty));
}

// Examples by rows, or by columns.
CsrMatrix table_of(const std::string& path, const Matrix& matrix, bool by_columns) {
  CsrMatrix table;
  table.width = by_columns ? matrix.rows : matrix.columns;
  const std::int64_t rows = by_columns ? matrix.columns : matrix.rows;
  check_examples(path, rows, matrix.entries.size());
  std::vector<std::size_t> starts(static_cast<std::size_t>(rows) + 1);
  const auto row_of = [&](const Entry& e) {
    return static_cast<std::size_t>(by_columns ? e.column : e.row);
  };
  for (const Entry& entry : matrix.entries) ++starts[row_of(entry) + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<std::size_t> order(matrix.entries.size());
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  for (std::size_t p = 0; p < order.size(); ++p) order[next[row_of(matrix.entries[p])]++] = p;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    for (std::size_t p = starts[i]; p < starts[i + 1]; ++p) {
      const Entry& entry = matrix.entries[order[p]];
      table.columns.push_back(by_columns ? entry.row : entry.column);
      table.values.push_back(entry.value);
    }
    if (!end_row(table)) {
      fail_data(path,
                fmt::format("{} {}: an entry comes twice", by_columns ? "column" : "row", i + 1));
    }
  }
  return table;
}

// The second column of features.tsv has the genes' symbols, the first and only one their ids.
std::vector<std::string> feature_names(const std::vector<std::string>& lines) {
  std::vector<std::string> names;
  for (const std::string& line : lines) {
    const std::size_t tab = line.find('\t');
    names.push_back(
        tab == std::string::npos ? line : line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1));
  }
  return distinct_names(names);
}

// Of a file such as sample1_matrix.mtx, those of the same sample.
std::vector<std::string> companions(const std::string& path, const std::string& ending) {
  const std::string name = std::filesystem::path(path).filename().string();
  const std::size_t at = name.find("matrix.mtx");
  return files_beside(path, at == std::string::npos ? "" : name.substr(0, at), ending);
}

// Single-cell data has a gene a row and a cell a column, as the files beside it tell.
RawData read_matrix_market(const DataFile& file, const ReadOptions&) {
  const InputFile input(file.path, "read_matrix_market");
  ByteStream stream(input);
  const Matrix matrix = MatrixMarketReader(stream, file.path).read();
  std::vector<std::string> features = companions(file.path, "features.tsv");
  if (features.empty()) features = companions(file.path, "genes.tsv");
  if (features.empty()) {
    RawData data = from_counts(file.path, table_of(file.path, matrix, false));
    data.notes.emplace_back("the rows of the matrix are the examples");
    return data;
  }
  const std::vector<std::string> lines = lines_of(features[0]);
  const auto count = static_cast<std::int64_t>(lines.size());
  if (count != matrix.rows && count != matrix.columns) {
    fail_data(features[0], fmt::format("{} lines: the matrix has {} rows and {} columns", count,
                                       matrix.rows, matrix.columns));
  }
  const bool cells_are_columns = count == matrix.rows;
  RawData data = from_counts(file.path, table_of(file.path, matrix, cells_are_columns));
  data.all.columns = feature_names(lines);
  data.notes.push_back(fmt::format(
      "{} are the examples, named by {}",
      cells_are_columns ? "the columns of the matrix, cells," : "the rows of the matrix",
      printable(features[0])));
  return data;
}

}  // namespace

const Format& matrix_market_format = define_format({
    .name = kMatrixMarket,
    .what = "counts as a Matrix Market file (.mtx)",
    .match = [](const DataFile& file) { return match(file, "%%MatrixMarket", {"mtx"}); },
    .read = read_matrix_market,
});

}  // namespace hourglass::internal

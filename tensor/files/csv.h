#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tensor/enum_names.h"

namespace hourglass {

// Whether the first line of a table names its columns.
enum class HeaderRow : std::uint8_t { kAuto, kYes, kNo };
const EnumNames<HeaderRow>& names_of(HeaderRow);  // "auto", "yes", "no"

// What a column's fields are read as.
enum class CsvUse : std::uint8_t { kNumbers, kWords, kNothing };

struct CsvColumn {
  std::string name = {};  // in the header; else empty
  CsvUse use = CsvUse::kNumbers;
  bool time = false;                    // dates or times of day, and so read as nothing
  std::vector<double> numbers = {};     // a row; NaN where it is missing
  std::vector<std::string> words = {};  // those that occur
  std::vector<std::int32_t> ids = {};   // a row: which of the words; -1 where it is missing
};

struct Csv {
  std::vector<CsvColumn> columns;
  std::vector<std::uint64_t> lines;  // where each row begins, counted from 1
  bool header = false;

  std::int64_t rows() const { return static_cast<std::int64_t>(lines.size()); }
};

struct CsvOptions {
  HeaderRow header = HeaderRow::kAuto;
  std::optional<char> delimiter = {};  // ' ' is any run of blanks
  bool decimal_comma = false;
  // The use of each column, given their names (empty ones where there is no header); all are
  // numbers if it is not set. Dates and times are told from the first field that is not missing.
  std::function<std::vector<CsvUse>(const std::vector<std::string>& names)> use = {};
};

// A table as text, plain or gzip (told by the content). The delimiter, unless it is given, is the
// first of tab, semicolon, comma (where that is no decimal comma) and bar that the first line has
// outside quotes, or blanks where they part numbers. By itself a first line is a header when it is
// of words that differ, or when numbers follow below one of its words, and holds no values besides,
// but for numbers that count columns ("label,0,1,2"). Fields may be quoted ("a ""b"" c"), also over
// several lines; spaces around them and empty lines do not count. Missing are empty fields, ?, NA,
// N/A, NaN and null, and of numbers -, . and none, in any case of letters. Throws FileError, naming
// line and column, for rows of different lengths, and for fields that are no number or too large
// for f64; one too small is 0.
Csv read_csv(const std::string& path, const CsvOptions& options = {});

}  // namespace hourglass

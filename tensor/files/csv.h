#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass {

struct Csv {
  Tensor values;                   // f64 [rows, columns]
  std::vector<std::string> names;  // of the columns, where the file has a header; else empty
};

struct CsvOptions {
  // Names of columns to leave out, such as one of dates: their fields may hold anything. Each must
  // be in the header.
  std::vector<std::string> skip = {};
};

// A table of numbers as text, plain or gzip (told by the content). The delimiter is the first of
// tab, semicolon and comma that the first line has outside quotes. The first line is a header when
// one of its fields is no number. Fields may be quoted ("a ""b"" c"), also over several lines;
// spaces around them and empty lines do not count. Numbers have a decimal point; "nan" and "inf"
// are numbers. Throws FileError, naming line and column, for rows of different lengths and fields
// that are no number, empty ones too.
Csv read_csv(const std::string& path, const CsvOptions& options = {});

}  // namespace hourglass

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/files/byte_stream.h"

namespace hourglass::internal {

// Splits the text of a CSV file into records of fields; csv.h has the rules. A record takes at most
// 16 MiB and 2^20 fields, so that memory stays bounded whatever a compressed file holds.
class CsvRecords {
 public:
  // The delimiter is found where it is not given.
  CsvRecords(ByteStream& stream, std::optional<char> delimiter, bool decimal_comma);

  // The next record that is not empty; false at the end.
  bool next(std::vector<std::string>& fields);
  std::uint64_t line() const { return record_line_; }  // where that record began, counted from 1
  std::string parted_by() const;  // for errors: " parted by ';'"; of commas nothing

 private:
  int get();  // the next byte with line ends as '\n', -1 at the end
  int peek();
  void fill();
  std::string first_line();
  std::string field();
  std::string quoted_field();
  void skip_blanks();
  bool at_field_end();
  bool at_line_end();
  bool take_delimiter();
  void count_byte();
  [[noreturn]] void fail(std::uint64_t line, const std::string& what) const;

  ByteStream& stream_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool ended_ = false;
  char delimiter_ = ',';
  std::uint64_t line_ = 1, record_line_ = 1;
  std::size_t record_bytes_ = 0;
};

}  // namespace hourglass::internal

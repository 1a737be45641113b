#include "tensor/files/csv.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "tensor/files/byte_stream.h"
#include "tensor/files/csv_records.h"
#include "tensor/files/input_file.h"

namespace hourglass {
namespace {

using internal::CsvRecords;

enum class Parsed : std::uint8_t { kNumber, kNone, kTooLarge };

// The whole field as a number. What is too small for f64 is 0 or subnormal; what is too large is
// told apart from what is no number.
Parsed parse_number(std::string_view field, double& value) {
  if (field.starts_with('+') && !field.substr(1).starts_with('-')) field.remove_prefix(1);
  const char* end = field.data() + field.size();
  auto result = std::from_chars(field.data(), end, value);
  if (result.ec == std::errc::invalid_argument || result.ptr != end) return Parsed::kNone;
  if (result.ec == std::errc()) return Parsed::kNumber;
  long double wide = 0;
  result = std::from_chars(field.data(), end, wide);
  if (result.ec != std::errc() || std::fabs(wide) > std::numeric_limits<double>::max()) {
    return Parsed::kTooLarge;
  }
  value = static_cast<double>(wide);
  return Parsed::kNumber;
}

bool is_header(const std::vector<std::string>& fields) {
  double ignored = 0;
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
    return !field.empty() && parse_number(field, ignored) == Parsed::kNone;
  });
}

// Which columns are read.
std::vector<bool> chosen_columns(const InputFile& file, const std::vector<std::string>& names,
                                 std::size_t columns, const CsvOptions& options) {
  std::vector<bool> chosen(columns, true);
  for (const std::string& skip : options.skip) {
    const auto found = std::find(names.begin(), names.end(), skip);
    if (found == names.end()) {
      file.fail(
          fmt::format("no column {} to skip: {}", in_quotes(skip),
                      names.empty() ? "the file has no header" : "the header has other names"));
    }
    chosen[static_cast<std::size_t>(found - names.begin())] = false;
  }
  return chosen;
}

class Table {
 public:
  Table(const InputFile& file, const CsvOptions& options) : file_(file), options_(options) {}

  Csv read(CsvRecords& records) {
    std::vector<std::string> fields;
    bool first = true;
    while (records.next(fields)) {
      const bool header = first && is_header(fields);
      if (first) begin(header ? fields : std::vector<std::string>{}, fields.size());
      first = false;
      if (!header) add_row(fields, records.line());
    }
    if (first) file_.fail("expected rows of numbers, found none");
    return finish();
  }

 private:
  void begin(std::vector<std::string> names, std::size_t columns) {
    names_ = std::move(names);
    chosen_ = chosen_columns(file_, names_, columns, options_);
  }

  void add_row(const std::vector<std::string>& fields, std::uint64_t line) {
    if (fields.size() != chosen_.size()) {
      file_.fail(fmt::format("line {}: expected {} columns, found {}", line, chosen_.size(),
                             fields.size()));
    }
    for (std::size_t c = 0; c < fields.size(); ++c) {
      if (chosen_[c]) values_.push_back(number(fields[c], line, c));
    }
    ++rows_;
  }

  double number(const std::string& field, std::uint64_t line, std::size_t column) const {
    double value = 0;
    const Parsed parsed = parse_number(field, value);
    if (parsed == Parsed::kNumber) return value;
    const std::string name =
        names_.empty() ? "" : fmt::format(" ({})", printable(names_[column], 100));
    const std::string found = field.empty() ? "an empty field" : "'" + printable(field, 40) + "'";
    file_.fail(fmt::format("line {}, column {}{}: {}, found {}", line, column + 1, name,
                           parsed == Parsed::kNone ? "expected a number" : "too large for f64",
                           found));
  }

  Csv finish() {
    Csv csv;
    const auto columns = std::count(chosen_.begin(), chosen_.end(), true);
    csv.values = Tensor::from(values_, {rows_, columns});
    for (std::size_t c = 0; c < names_.size(); ++c) {
      if (chosen_[c]) csv.names.push_back(std::move(names_[c]));
    }
    return csv;
  }

  const InputFile& file_;
  const CsvOptions& options_;
  std::vector<std::string> names_;
  std::vector<bool> chosen_;
  std::vector<double> values_;
  std::int64_t rows_ = 0;
};

}  // namespace

Csv read_csv(const std::string& path, const CsvOptions& options) {
  const InputFile file(path, "read_csv");
  ByteStream stream(file);
  CsvRecords records(stream);
  return Table(file, options).read(records);
}

}  // namespace hourglass

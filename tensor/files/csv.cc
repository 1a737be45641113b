#include "tensor/files/csv.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/csv_fields.h"
#include "tensor/files/csv_header.h"
#include "tensor/files/csv_records.h"
#include "tensor/files/input_file.h"
#include "tensor/memory.h"

namespace hourglass {

using namespace internal;

namespace {

using Fields = std::vector<std::string>;

class CsvTable {
 public:
  CsvTable(const InputFile& file, const CsvOptions& options) : file_(file), options_(options) {}

  Csv read(CsvRecords& records) {
    Fields first, second;
    parted_by_ = records.parted_by();
    if (!records.next(first)) file_.fail("expected rows of numbers, found none");
    const std::uint64_t first_line = records.line();
    bool more = records.next(second);
    csv_.header = options_.header == HeaderRow::kYes ||
                  (options_.header == HeaderRow::kAuto &&
                   looks_like_header(first, second, options_.decimal_comma));
    begin(csv_.header ? first : Fields(first.size()));
    if (!csv_.header) add_row(first, first_line);
    for (; more; more = records.next(second)) add_row(second, records.line());
    return std::move(csv_);
  }

 private:
  void begin(const Fields& names) {
    std::vector<CsvUse> uses(names.size(), CsvUse::kNumbers);
    if (options_.use) uses = options_.use(names);
    for (std::size_t c = 0; c < names.size(); ++c) {
      csv_.columns.push_back({.name = names[c], .use = uses[c]});
    }
    ids_.resize(names.size());
    begun_.resize(names.size());
  }

  void add_row(const Fields& fields, std::uint64_t line) {
    if (fields.size() != csv_.columns.size()) {
      file_.fail(fmt::format("line {}: expected {}{}, found {}", line,
                             internal::counted(csv_.columns.size(), "column"), parted_by_,
                             fields.size()));
    }
    if (csv_.lines.size() == csv_.lines.capacity()) make_room();
    csv_.lines.push_back(line);
    for (std::size_t c = 0; c < fields.size(); ++c) {
      CsvColumn& column = csv_.columns[c];
      if (column.use == CsvUse::kNumbers) add_number(fields[c], c);
      if (column.use == CsvUse::kWords) add_word(fields[c], c);
    }
  }

  // Ahead of each doubling.
  void make_room() {
    const std::size_t rows = std::max<std::size_t>(1024, 2 * csv_.lines.size());
    check_memory("read_csv", printable(file_.path()),
                 rows * (csv_.columns.size() + 1) * sizeof(double));
    csv_.lines.reserve(rows);
    for (CsvColumn& column : csv_.columns) {
      if (column.use == CsvUse::kNumbers) column.numbers.reserve(rows);
    }
  }

  void add_number(const std::string& field, std::size_t c) {
    CsvColumn& column = csv_.columns[c];
    double value = std::numeric_limits<double>::quiet_NaN();
    if (!is_missing_number(field)) {
      const Parsed parsed = parse_number(field, options_.decimal_comma, value);
      if (parsed != Parsed::kNumber && !begun_[c] && is_time(field)) {
        column.time = true;
        column.use = CsvUse::kNothing;
        column.numbers = {};
        return;
      }
      if (parsed != Parsed::kNumber) fail_number(parsed, field, c);
      begun_[c] = true;
    }
    column.numbers.push_back(value);
  }

  void add_word(const std::string& field, std::size_t c) {
    CsvColumn& column = csv_.columns[c];
    std::int32_t id = -1;
    if (!is_missing_word(field)) {
      const auto next = static_cast<std::int32_t>(column.words.size());
      id = ids_[c].try_emplace(field, next).first->second;
      if (id == next) column.words.push_back(field);
    }
    column.ids.push_back(id);
  }

  [[noreturn]] void fail_number(Parsed parsed, const std::string& field, std::size_t c) const {
    const std::string& name = csv_.columns[c].name;
    const std::uint64_t line = csv_.lines.back();
    const std::string where =
        fmt::format("line {}, column {}{}", line, c + 1,
                    name.empty() ? "" : fmt::format(" ({})", printable(name, 100)));
    const std::string found = "'" + printable(field, 40) + "'";
    if (parsed == Parsed::kTooLarge) {
      file_.fail(fmt::format("{}: too large for f64, found {}", where, found));
    }
    const char* hint = "";
    if (line == csv_.lines.front() && !csv_.header && options_.header == HeaderRow::kAuto) {
      hint = ": if this line names the columns, say so (--header yes)";
    } else if (!begun_[c]) {
      hint = ": a column of words is left out (--drop) or a category (--category)";
    }
    file_.fail(fmt::format("{}: expected a number, found {}{}", where, found, hint));
  }

  const InputFile& file_;
  const CsvOptions& options_;
  std::string parted_by_;
  Csv csv_;
  std::vector<std::unordered_map<std::string, std::int32_t>> ids_;  // a column: of its words
  std::vector<bool> begun_;  // a column: whether it has had a number
};

}  // namespace

const EnumNames<HeaderRow>& names_of(HeaderRow) {
  static const EnumNames<HeaderRow> names = {
      "header", {{"auto", HeaderRow::kAuto}, {"yes", HeaderRow::kYes}, {"no", HeaderRow::kNo}}};
  return names;
}

Csv read_csv(const std::string& path, const CsvOptions& options) {
  const InputFile file(path, "read_csv");
  ByteStream stream(file);
  CsvRecords records(stream, options.delimiter, options.decimal_comma);
  return CsvTable(file, options).read(records);
}

}  // namespace hourglass

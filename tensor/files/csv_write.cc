#include "tensor/files/csv_write.h"

#include <fmt/core.h>

#include <cmath>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"

namespace hourglass {

using namespace internal;

namespace {

// A field as a file has it: quoted where a reader would take it for something else.
std::string as_field(const std::string& text) {
  const bool plain = text.find_first_of("\",;\t\r\n") == std::string::npos &&
                     (text.empty() || (text.front() != ' ' && text.back() != ' '));
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

// Writes lines to a file as they come.
class CsvFile {
 public:
  explicit CsvFile(const std::string& path) : file_(path, "write_csv") {}

  void field(const std::string& text) {
    if (!first_) line_ += ',';
    line_ += text;
    first_ = false;
  }
  void end_line() {
    line_ += '\n';
    file_.write(line_.data(), line_.size());
    line_.clear();
    first_ = true;
  }
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::string line_;
  bool first_ = true;
};

}  // namespace

std::string csv_number(const Tensor& table, std::int64_t index) {
  const double value = table.at(index);
  if (std::isnan(value)) return "";
  if (table.dtype() == DType::kF32) return fmt::format("{}", static_cast<float>(value));
  return fmt::format("{}", value);
}

void write_csv(const std::string& path, const std::vector<std::string>& names,
               const Tensor& table) {
  if (!table.defined() || table.shape().rank() != 2) {
    throw Error(fmt::format("write_csv: expected a table [rows, columns]: got {}",
                            table.defined() ? to_string(table.shape()) : "none"));
  }
  const std::int64_t rows = table.shape()[0], columns = table.shape()[1];
  if (!names.empty() && static_cast<std::int64_t>(names.size()) != columns) {
    throw Error(fmt::format("write_csv: {} for {}", counted(names.size(), "name"),
                            counted(columns, "column")));
  }
  CsvFile file(path);
  for (const std::string& name : names) file.field(as_field(name));
  if (!names.empty()) file.end_line();
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) file.field(csv_number(table, i * columns + j));
    file.end_line();
  }
  file.commit();
}

void write_csv_records(const std::string& path,
                       const std::vector<std::vector<std::string>>& records) {
  CsvFile file(path);
  for (const std::vector<std::string>& record : records) {
    for (const std::string& text : record) file.field(as_field(text));
    file.end_line();
  }
  file.commit();
}

}  // namespace hourglass

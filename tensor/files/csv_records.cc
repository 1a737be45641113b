#include "tensor/files/csv_records.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "tensor/error.h"
#include "tensor/files/csv_fields.h"

namespace hourglass::internal {
namespace {

constexpr std::size_t kCsvChunkBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxRecord = std::size_t{16} << 20;
constexpr std::size_t kMaxFields = std::size_t{1} << 20;

bool is_blank(int c) { return c == ' ' || c == '\t'; }

// Whether blanks part two numbers or more, and nothing else.
bool has_blanks_between_numbers(std::string_view line, bool decimal_comma) {
  int numbers = 0;
  while (!line.empty()) {
    const std::size_t n = std::min(line.find_first_of(" \t"), line.size());
    double ignored = 0;
    if (n > 0) {
      const std::string_view field = line.substr(0, n);
      if (!is_missing_number(field) &&
          parse_number(field, decimal_comma, ignored) == Parsed::kNone) {
        return false;
      }
      ++numbers;
    }
    line.remove_prefix(std::min(n + 1, line.size()));
  }
  return numbers > 1;
}

// Of a line without what it quotes.
char delimiter_of(const std::string& line, bool decimal_comma) {
  const std::string_view known = decimal_comma ? "\t;|" : "\t;,|";
  for (const char c : known) {
    if (line.find(c) != std::string::npos) return c;
  }
  return has_blanks_between_numbers(line, decimal_comma) ? ' ' : ',';
}

}  // namespace

CsvRecords::CsvRecords(ByteStream& stream, std::optional<char> delimiter, bool decimal_comma)
    : stream_(stream) {
  fill();
  const std::string_view start = buffer_;
  if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff")) {
    stream_.fail_at(0, "UTF-16 text: expected UTF-8 or ASCII");
  }
  if (start.starts_with("\xef\xbb\xbf")) at_ = 3;  // the byte order mark of UTF-8
  delimiter_ = delimiter ? *delimiter : delimiter_of(first_line(), decimal_comma);
}

void CsvRecords::fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kCsvChunkBytes);
  buffer_.resize(before + stream_.read_some(buffer_.data() + before, kCsvChunkBytes));
  ended_ = buffer_.size() - before < kCsvChunkBytes;
}

// Looks ahead over the first line that is not blank, wherever it ends, but for what it quotes.
std::string CsvRecords::first_line() {
  std::string line;
  bool in_quotes = false, any = false;
  for (std::size_t i = at_;; ++i) {
    if (i == buffer_.size()) {
      if (ended_ || i > kMaxRecord) return line;
      const std::size_t gone = at_;
      fill();
      i -= gone;
      if (i == buffer_.size()) return line;
    }
    const char c = buffer_[i];
    if (c == '"') in_quotes = !in_quotes;
    if (!in_quotes && (c == '\n' || c == '\r') && any) return line;
    any = any || (c != ' ' && c != '\n' && c != '\r');
    if (!in_quotes && c != '\n' && c != '\r') line += c;
  }
}

int CsvRecords::peek() {
  if (at_ == buffer_.size() && !ended_) fill();
  return at_ < buffer_.size() ? static_cast<unsigned char>(buffer_[at_]) : -1;
}

int CsvRecords::get() {
  const int c = peek();
  if (c < 0) return c;
  ++at_;
  count_byte();
  if (c == '\r') {
    if (peek() == '\n') ++at_;
    ++line_;
    return '\n';
  }
  if (c == '\n') ++line_;
  return c;
}

void CsvRecords::count_byte() {
  if (++record_bytes_ > kMaxRecord) fail(record_line_, "a record of more than 16 MiB");
}

void CsvRecords::skip_blanks() {
  while (peek() == ' ' || (peek() == '\t' && delimiter_ != '\t')) get();
}

bool CsvRecords::at_line_end() {
  const int c = peek();
  return c < 0 || c == '\n' || c == '\r';
}

bool CsvRecords::at_field_end() {
  const int c = peek();
  return at_line_end() || c == static_cast<unsigned char>(delimiter_) ||
         (delimiter_ == ' ' && is_blank(c));
}

// Whether another field follows. Blanks part fields as one, and none from the end of the line.
bool CsvRecords::take_delimiter() {
  if (delimiter_ == ' ') {
    skip_blanks();
    return !at_line_end();
  }
  if (peek() != static_cast<unsigned char>(delimiter_)) return false;
  get();
  return true;
}

std::string CsvRecords::field() {
  skip_blanks();
  if (peek() == '"') return quoted_field();
  std::string text;
  while (!at_field_end()) text += static_cast<char>(get());
  while (text.ends_with(' ') || text.ends_with('\t')) text.pop_back();
  return text;
}

std::string CsvRecords::quoted_field() {
  const std::uint64_t opened = line_;
  get();
  std::string text;
  for (int c = get(); c != '"' || peek() == '"'; c = get()) {
    if (c < 0) fail(opened, "a quote is not closed");
    if (c == '"') get();  // a doubled quote is one
    text += static_cast<char>(c);
  }
  if (delimiter_ != ' ') skip_blanks();
  if (!at_field_end()) {
    fail(line_, fmt::format("expected the end of the field after its closing quote, found '{}'",
                            printable(std::string(1, static_cast<char>(peek())))));
  }
  return text;
}

bool CsvRecords::next(std::vector<std::string>& fields) {
  while (peek() >= 0) {
    fields.clear();
    record_line_ = line_;
    record_bytes_ = 0;
    fields.push_back(field());
    while (take_delimiter()) {
      if (fields.size() == kMaxFields) fail(record_line_, "more than 1048576 columns");
      fields.push_back(field());
    }
    get();  // the end of the line
    if (fields.size() > 1 || !fields[0].empty()) return true;
  }
  return false;
}

std::string CsvRecords::parted_by() const {
  if (delimiter_ == ',') return "";
  if (delimiter_ == ' ') return " parted by blanks";
  if (delimiter_ == '\t') return " parted by tabs";
  return fmt::format(" parted by '{}'", printable(std::string(1, delimiter_)));
}

void CsvRecords::fail(std::uint64_t line, const std::string& what) const {
  stream_.file().fail(fmt::format("line {}: {}", line, what));
}

}  // namespace hourglass::internal

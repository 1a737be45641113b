#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "nn/data/formats/counts.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/labels.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"
#include "tensor/files/text_lines.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// The next word of a line, which loses it; empty at the end and ahead of a comment.
std::string_view take_token(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.starts_with('#')) line = {};
  const std::string_view token = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(token.size());
  return token;
}

template <class T>
bool is_number(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// "3:1.5".
bool is_entry(std::string_view token, std::int64_t& index, float& value) {
  const std::size_t colon = token.find(':');
  return colon != std::string_view::npos && is_number(token.substr(0, colon), index) &&
         is_number(token.substr(colon + 1), value);
}

class SvmLightReader {
 public:
  SvmLightReader(const std::string& path, const ReadOptions& options)
      : path_(path), options_(options) {}

  RawData read() {
    const InputFile file(path_, "read_svmlight");
    ByteStream stream(file);
    TextLines lines(stream);
    for (std::string line; lines.next(line);) add(line, lines);
    if (table_.rows() == 0) fail_data(path_, "expected lines of label index:value, found none");
    const int first = first_index();
    settle_width(first);
    const std::int64_t width = table_.width;
    RawData data = from_counts(path_, std::move(table_));
    data.first_index = first;
    data.notes.push_back(
        fmt::format("indices from {}: {}", first, internal::counted(width, "column")));
    if (!labels_.empty()) {
      set_labels(data.all, labels_, options_, path_,
                 [this](std::int64_t i) { return line_text(static_cast<std::size_t>(i)); });
    }
    name_columns(data);
    return data;
  }

 private:
  void add(std::string_view line, const TextLines& lines) {
    std::string_view token = take_token(line);
    if (token.empty()) return;
    if (token.find(':') == std::string_view::npos) {
      double label = 0;
      if (!is_number(token, label)) {
        lines.fail(fmt::format("expected a label, a number: found '{}'", printable(token, 40)));
      }
      if (labels_.size() < numbers_.size()) lines.fail("a label: the lines before have none");
      labels_.push_back(label);
      token = take_token(line);
    } else if (!labels_.empty()) {
      lines.fail("no label: the lines before have one");
    }
    for (; !token.empty(); token = take_token(line)) {
      if (!token.starts_with("qid:")) add_entry(token, lines);
    }
    numbers_.push_back(lines.number());
    if (!end_row(table_)) lines.fail("an index comes twice");
  }

  void add_entry(std::string_view token, const TextLines& lines) {
    std::int64_t index = 0;
    float value = 0;
    if (!is_entry(token, index, value) || !std::isfinite(value)) {
      lines.fail(fmt::format("expected index:value, found '{}'", printable(token, 40)));
    }
    if (index < 0 || index > 0x7ffffffe) {
      lines.fail(fmt::format("an index of {}: expected 0 to 2^31 - 2", index));
    }
    table_.columns.push_back(static_cast<std::int32_t>(index));
    table_.values.push_back(value);
    smallest_ = std::min(smallest_, index);
    if (index > largest_) largest_line_ = lines.number();
    largest_ = std::max(largest_, index);
  }

  std::string line_text(std::size_t i) const { return fmt::format("line {}", numbers_[i]); }

  // As the model has it, else 0 where there is an index of 0.
  int first_index() const {
    const int found = smallest_ == 0 ? 0 : 1;
    if (!options_.schema || options_.schema->first_index < 0) return found;
    if (found < options_.schema->first_index) {
      fail_data(path_, "an index of 0: the model has learnt from indices from 1");
    }
    return options_.schema->first_index;
  }

  void settle_width(int first) {
    table_.width = largest_ + 1 - first;
    if (options_.schema) {
      if (table_.width > options_.schema->width) {
        fail_data(path_,
                  fmt::format("line {}: an index of {}: the model knows {}", largest_line_,
                              largest_, internal::counted(options_.schema->width, "column")));
      }
      table_.width = options_.schema->width;
    }
    if (table_.width < 1) fail_data(path_, "expected entries index:value, found none");
    for (std::int32_t& column : table_.columns) column -= first;
  }

  // By a vocabulary beside the file, if one has a line a column.
  void name_columns(RawData& data) const {
    if (options_.schema) {
      data.all.columns = options_.schema->columns;
      return;
    }
    for (const std::string& beside : files_beside(path_, "vocab", "")) {
      std::vector<std::string> words = lines_of(beside);
      if (static_cast<std::int64_t>(words.size()) != data.all.width()) continue;
      for (std::string& word : words)
        word.resize(std::min(word.find_first_of(" \t,"), word.size()));
      data.all.columns = std::move(words);
      data.notes.push_back("the columns are named by " + printable(beside));
      return;
    }
  }

  const std::string& path_;
  const ReadOptions& options_;
  CsrMatrix table_;
  std::vector<double> labels_;
  std::vector<std::uint64_t> numbers_;  // of the rows' lines
  std::int64_t smallest_ = 1, largest_ = -1;
  std::uint64_t largest_line_ = 0;
};

// Its whole lines hold a number and entries, or entries alone, and some of these.
Match is_svmlight(const DataFile& file) {
  bool any = false;
  std::string_view head = file.head;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    // The last token may be cut off.
    if (end == std::string_view::npos) line = line.substr(0, line.find_last_of(" \t") + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    bool first = true;
    for (std::string_view token = take_token(line); !token.empty(); token = take_token(line)) {
      double label = 0;
      std::int64_t index = 0;
      float value = 0;
      const bool entry = is_entry(token, index, value);
      if (!entry && !token.starts_with("qid:") && !(first && is_number(token, label))) {
        return match(file, "", {"svm", "svmlight", "libsvm"});
      }
      any = any || entry;
      first = false;
    }
  }
  return any ? Match::kContent : match(file, "", {"svm", "svmlight", "libsvm"});
}

}  // namespace

const Format& svmlight_format = define_format({
    .name = "svmlight",
    .what = "counts in SVMlight's format (label index:count ...)",
    .match = is_svmlight,
    .read = [](const DataFile& file,
               const ReadOptions& options) { return SvmLightReader(file.path, options).read(); },
});

}  // namespace hourglass::internal

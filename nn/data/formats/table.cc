#include "nn/data/formats/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nn/data/formats/columns.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/labels.h"
#include "nn/data/formats/missing.h"
#include "tensor/error.h"
#include "tensor/files/csv.h"
#include "tensor/files/csv_fields.h"
#include "tensor/files/input_file.h"
#include "tensor/memory.h"

namespace hourglass::internal {

using namespace nn;

namespace {

constexpr std::size_t kMostWords = 1000;  // of a category

class TableReader {
 public:
  TableReader(const std::string& path, const ReadOptions& options)
      : path_(path), options_(options) {}

  RawData read() {
    csv_ = read_csv(path_, {.header = options_.header,
                            .delimiter = options_.delimiter,
                            .decimal_comma = options_.decimal_comma,
                            .use = [this](const std::vector<std::string>& names) {
                              names_ = in_table(names);
                              plan_ = plan_columns(path_, names_, options_);
                              return plan_.uses(names_.size());
                            }});
    if (csv_.rows() == 0) fail_data(path_, "expected rows of numbers, found a header alone");
    if (options_.header == HeaderRow::kAuto) {
      data_.notes.push_back(csv_.header ? "header: the first line names the columns"
                                        : "header: none, the first line is a row");
    }
    name_apart();
    leave_out_times();
    data_.all.kind = options_.series ? DataKind::kSeries : DataKind::kRow;
    fill();
    if (plan_.label) add_labels();
    if (options_.series) data_.recordings = {csv_.rows()};
    settle_missing(data_, options_, path_,
                   {[this](std::int64_t i) { return line_text(i); },
                    [this](std::int64_t c) { return column_text(file_columns_[index(c)]); }});
    return std::move(data_);
  }

 private:
  // Without a header all are empty, and stay so.
  static std::vector<std::string> in_table(const std::vector<std::string>& names) {
    const bool named = std::any_of(names.begin(), names.end(),
                                   [](const std::string& name) { return !name.empty(); });
    return named ? distinct_names(names) : names;
  }

  // A run finds its columns by their names.
  void name_apart() {
    for (std::size_t c = 0; c < names_.size(); ++c) {
      std::string& name = csv_.columns[c].name;
      if (name == names_[c]) continue;
      data_.notes.push_back(fmt::format("{}: named {}: the name comes twice", column_text(c),
                                        printable(names_[c], 100)));
      name = names_[c];
    }
  }

  static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

  std::string line_text(std::int64_t i) const {
    return fmt::format("line {}", csv_.lines[index(i)]);
  }

  // "column 2 (speed)".
  std::string column_text(std::size_t c) const {
    const std::string& name = csv_.columns[c].name;
    return fmt::format("column {}{}", c + 1,
                       name.empty() ? "" : fmt::format(" ({})", printable(name, 100)));
  }

  // Numbers that never fall under a name of time, and under no name those of the rows.
  bool is_clock(const CsvColumn& column) const {
    const std::string name = lower_case(column.name);
    const bool timely =
        name == "time" || name == "timestamp" || name == "datetime" || name == "date";
    const bool counts = csv_.header && name.empty();
    if (!(timely || counts) || column.use != CsvUse::kNumbers || csv_.rows() < 2) return false;
    const std::vector<double>& x = column.numbers;
    for (std::size_t i = 1; i < x.size(); ++i) {
      if (counts ? x[i] != x[0] + static_cast<double>(i) : !(x[i] >= x[i - 1])) return false;
    }
    return !counts || x[0] == 0 || x[0] == 1;
  }

  void leave_out_times() {
    std::vector<std::size_t> kept;
    for (const std::size_t c : plan_.examples) {
      const CsvColumn& column = csv_.columns[c];
      if (plan_.chosen && column.time) {
        fail_data(path_, column_text(c) + ": expected numbers, found times");
      }
      if (!plan_.chosen && (column.time || is_clock(column))) {
        data_.notes.push_back(
            fmt::format("{}: {}, left out", column_text(c),
                        column.name.empty() && !column.time ? "the rows' numbers" : "a time"));
      } else {
        kept.push_back(c);
      }
    }
    if (kept.empty()) fail_data(path_, "no column is left to learn from");
    plan_.examples = std::move(kept);
  }

  // The words of a category, or numbers by size where all are numbers.
  std::vector<std::string> words_of(std::size_t c) const {
    const CsvColumn& column = csv_.columns[c];
    if (options_.schema) {
      for (const Category& known : options_.schema->categories) {
        if (known.name == name_of_column(c)) return known.words;
      }
    }
    if (column.words.empty()) {
      fail_data(path_, column_text(c) + ": holds nothing: expected the words of a category");
    }
    if (column.words.size() > kMostWords) {
      fail_data(path_, fmt::format("{}: {} different words: expected at most {} of a category",
                                   column_text(c), column.words.size(), kMostWords));
    }
    std::vector<std::string> words = column.words;
    std::sort(words.begin(), words.end());
    if (const auto numbers = numbers_of(words)) {
      std::vector<std::size_t> order(words.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return (*numbers)[a] < (*numbers)[b]; });
      std::vector<std::string> by_size;
      for (const std::size_t i : order) by_size.push_back(words[i]);
      return by_size;
    }
    return words;
  }

  // Their values, if all are numbers.
  std::optional<std::vector<double>> numbers_of(const std::vector<std::string>& words) const {
    std::vector<double> numbers;
    for (const std::string& word : words) {
      double x = 0;
      if (parse_number(word, options_.decimal_comma, x) != Parsed::kNumber) return std::nullopt;
      numbers.push_back(x);
    }
    return numbers;
  }

  // Where no header names it, its number.
  std::string name_of_column(std::size_t c) const {
    return csv_.header ? csv_.columns[c].name : std::to_string(c + 1);
  }

  // Names of columns, and from which of the file's columns each comes.
  void name_columns() {
    for (const std::size_t c : plan_.examples) {
      const std::string name = name_of_column(c);
      if (!plan_.category[c]) {
        data_.all.columns.push_back(name);
        file_columns_.push_back(c);
        continue;
      }
      Category category{name, static_cast<std::int64_t>(file_columns_.size()), words_of(c)};
      for (const std::string& word : category.words) {
        data_.all.columns.push_back(name + "=" + word);
        file_columns_.push_back(c);
      }
      data_.all.categories.push_back(std::move(category));
    }
  }

  void fill() {
    name_columns();
    const Shape shape{csv_.rows(), static_cast<std::int64_t>(file_columns_.size())};
    check_memory("data", printable(path_),
                 static_cast<std::size_t>(shape.elements()) * sizeof(double));
    Tensor table(shape, DType::kF64);
    data_.all.examples = table;
    std::size_t category = 0;
    for (std::size_t d = 0; d < file_columns_.size();) {
      const std::size_t c = file_columns_[d];
      if (plan_.category[c]) {
        const Category& each = data_.all.categories[category++];
        fill_category(each, c, table);
        d += each.words.size();
      } else {
        fill_numbers(d++, c, table);
      }
    }
    // Without a header the columns have no names of their own.
    if (!csv_.header && data_.all.categories.empty()) data_.all.columns.clear();
  }

  void fill_numbers(std::size_t d, std::size_t c, Tensor& table) {
    double* x = table.data<double>() + d;
    std::vector<double>& numbers = csv_.columns[c].numbers;
    for (const double number : numbers) {
      *x = number;
      x += file_columns_.size();
    }
    numbers = {};
  }

  void fill_category(const Category& category, std::size_t c, Tensor& table) {
    const CsvColumn& column = csv_.columns[c];
    std::vector<std::size_t> place(column.words.size());  // of the column's words in the category's
    for (std::size_t i = 0; i < place.size(); ++i) {
      place[i] = static_cast<std::size_t>(
          std::find(category.words.begin(), category.words.end(), column.words[i]) -
          category.words.begin());
    }
    double* x = table.data<double>() + category.first;
    for (std::int64_t i = 0; i < csv_.rows(); ++i, x += file_columns_.size()) {
      const std::int32_t id = column.ids[index(i)];
      if (id < 0) {
        std::fill_n(x, category.words.size(), std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      const std::size_t at = place[static_cast<std::size_t>(id)];
      if (at == category.words.size()) {
        fail_data(path_, fmt::format("{}, {}: a word that the model does not know: {}",
                                     line_text(i), column_text(c),
                                     in_quotes(column.words[static_cast<std::size_t>(id)])));
      }
      x[at] = 1;
    }
  }

  void add_labels() {
    const CsvColumn& column = csv_.columns[*plan_.label];
    const auto place = [this](std::int64_t i) {
      return line_text(i) + ", " + column_text(*plan_.label);
    };
    const auto lacking = std::find(column.ids.begin(), column.ids.end(), -1);
    if (lacking != column.ids.end()) {
      fail_data(path_, place(lacking - column.ids.begin()) + ": the label is missing");
    }
    const auto values = numbers_of(column.words);
    const bool by_name = options_.schema && !options_.schema->classes.empty();
    if (!values || by_name) {
      set_labels(data_.all, column.words, column.ids, options_, path_, place);
      return;
    }
    std::vector<double> numbers;
    for (const std::int32_t id : column.ids) {
      numbers.push_back((*values)[static_cast<std::size_t>(id)]);
    }
    set_labels(data_.all, numbers, options_, path_, place);
  }

  const std::string& path_;
  const ReadOptions& options_;
  ColumnPlan plan_;
  std::vector<std::string> names_;  // of the file's columns, no two alike
  Csv csv_;
  RawData data_;
  std::vector<std::size_t> file_columns_;
};

// How many of a line's fields are numbers and how many are neither that nor missing, whatever parts
// them.
struct FieldCounts {
  int numbers = 0, words = 0;
};

FieldCounts count_fields(std::string_view line) {
  FieldCounts counts;
  while (!line.empty()) {
    const std::size_t n = std::min(line.find_first_of(",;|\t "), line.size());
    double ignored = 0;
    const std::string_view field = line.substr(0, n);
    if (!is_missing_number(field)) {
      ++(parse_number(field, false, ignored) == Parsed::kNone ? counts.words : counts.numbers);
    }
    line.remove_prefix(std::min(n + 1, line.size()));
  }
  return counts;
}

// The first line holds numbers and nothing else, or the second has some and as many tabs,
// semicolons, commas or bars as the first.
bool looks_like_table(const DataFile& file) {
  const std::string_view head = file.head;
  const std::size_t end = std::min(head.find_first_of("\r\n"), head.size());
  const std::string_view first = head.substr(0, end);
  const FieldCounts top = count_fields(first);
  if (top.numbers > 0 && top.words == 0) return true;
  const std::size_t next = std::min(head.find_first_not_of("\r\n", end), head.size());
  const std::string_view second = head.substr(next, head.find_first_of("\r\n", next) - next);
  // Prose has commas too.
  const bool prose = file.ending == "txt" || file.ending == "text" || file.ending == "md";
  if (prose || count_fields(second).numbers == 0) return false;
  const std::string_view delimiters = "\t;,|";
  return std::any_of(delimiters.begin(), delimiters.end(), [&](char c) {
    const auto n = std::count(first.begin(), first.end(), c);
    return n > 0 && n == std::count(second.begin(), second.end(), c);
  });
}

Match is_table(const DataFile& file) {
  const Match by_name = match(file, "", {"csv", "tsv", "tab"});
  if (by_name != Match::kNone) return by_name;
  const bool text = looks_like(file.head.substr(0, 64)) == "text";
  return text && looks_like_table(file) ? Match::kLikely : Match::kNone;
}

}  // namespace

RawData read_table(const std::string& path, const ReadOptions& options) {
  return TableReader(path, options).read();
}

const Format& csv_format = define_format({
    .name = "csv",
    .what = "a CSV or TSV table",
    .match = is_table,
    .read = [](const DataFile& file,
               const ReadOptions& options) { return read_table(file.path, options); },
});

}  // namespace hourglass::internal

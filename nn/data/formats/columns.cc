#include "nn/data/formats/columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "nn/data/formats/format.h"
#include "tensor/error.h"
#include "tensor/nearest_name.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// "one of 3, speed, label": the first few.
std::string columns_text(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  if (names[0].empty() && names.back().empty())
    return fmt::format("1 to {}, or last", names.size());
  std::string text = "one of ";
  for (std::size_t c = 0; c < std::min(names.size(), kMost); ++c) {
    text += (c == 0 ? "" : ", ") + printable(names[c], 100);
  }
  return names.size() > kMost ? text + ", ..." : text;
}

// By name, by number from 1, or the last one.
std::optional<std::size_t> find_column(const std::vector<std::string>& names,
                                       const std::string& said) {
  const auto found = std::find(names.begin(), names.end(), said);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  if (said == "last") return names.size() - 1;
  std::size_t number = 0;
  const char* end = said.data() + said.size();
  const auto result = std::from_chars(said.data(), end, number);
  const bool whole = result.ec == std::errc() && result.ptr == end;
  if (!whole || number < 1 || number > names.size()) return std::nullopt;
  return number - 1;
}

std::size_t column_at(const std::string& path, const std::vector<std::string>& names,
                      const std::string& said, std::string_view option) {
  if (const auto found = find_column(names, said)) return *found;
  const std::string_view nearest = nearest_name(said, {names.begin(), names.end()});
  fail_data(path, fmt::format("{}: there is no column {}: {} {}", option, in_quotes(said),
                              nearest.empty()
                                  ? "expected"
                                  : fmt::format("did you mean {}? Expected", printable(nearest)),
                              columns_text(names)));
}

// Those that the model has learnt from: a category as one column, whatever its words.
std::vector<std::string> names_of_schema(const Schema& schema) {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    const auto category = std::find_if(
        schema.categories.begin(), schema.categories.end(),
        [&](const Category& each) { return each.first == static_cast<std::int64_t>(c); });
    if (category == schema.categories.end()) {
      names.push_back(schema.columns[c]);
    } else {
      names.push_back(category->name);
      c += category->words.size() - 1;
    }
  }
  return names;
}

// Whether a table without a header has as many columns as a model learns from, and no others.
bool has_no_others(const std::vector<std::string>& names, const ReadOptions& options) {
  return options.schema && options.schema->columns.empty() &&
         static_cast<std::int64_t>(names.size()) == options.schema->width;
}

// A model that has learnt from labels is applied to data without them as well: then what was the
// last column may be one of its own.
std::optional<std::size_t> label_of_schema(const std::vector<std::string>& names,
                                           const ReadOptions& options) {
  const auto found = find_column(names, *options.label);
  if (!found || has_no_others(names, options)) return std::nullopt;
  const std::vector<std::string> own = names_of_schema(*options.schema);
  const bool is_own = std::find(own.begin(), own.end(), names[*found]) != own.end();
  return is_own ? std::nullopt : found;
}

// Columns that were asked for: each once, and none that is left out. Throws FileError.
void check_chosen(const std::string& path, const std::vector<std::string>& names,
                  const std::vector<std::size_t>& chosen, const std::vector<bool>& left_out) {
  std::vector<bool> taken(names.size());
  for (const std::size_t c : chosen) {
    const std::string column = names[c].empty() ? std::to_string(c + 1) : in_quotes(names[c]);
    if (left_out[c]) {
      fail_data(path, fmt::format("columns: {} is the label, or dropped", column));
    }
    if (taken[c]) fail_data(path, fmt::format("columns: {} is named twice", column));
    taken[c] = true;
  }
}

}  // namespace

std::vector<CsvUse> ColumnPlan::uses(std::size_t columns) const {
  std::vector<CsvUse> uses(columns, CsvUse::kNothing);
  for (const std::size_t c : examples) uses[c] = category[c] ? CsvUse::kWords : CsvUse::kNumbers;
  if (label) uses[*label] = CsvUse::kWords;
  return uses;
}

std::vector<std::string> distinct_names(std::vector<std::string> names) {
  std::set<std::string> taken(names.begin(), names.end()), met;
  std::map<std::string, int> again;
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (met.insert(names[c]).second) continue;
    const std::string base = names[c].empty() ? std::to_string(c + 1) : names[c];
    names[c] = base;
    while (!taken.insert(names[c]).second) names[c] = fmt::format("{}-{}", base, ++again[base]);
  }
  return names;
}

ColumnPlan plan_columns(const std::string& path, const std::vector<std::string>& names,
                        const ReadOptions& options) {
  ColumnPlan plan;
  plan.category.resize(names.size());
  std::vector<bool> left_out(names.size());
  if (options.label) {
    plan.label = options.schema ? label_of_schema(names, options)
                                : std::optional(column_at(path, names, *options.label, "label"));
    if (plan.label) left_out[*plan.label] = true;
  }
  for (const std::string& said : options.drop) {
    const auto found = options.schema ? find_column(names, said)
                                      : std::optional(column_at(path, names, said, "drop"));
    if (found && !has_no_others(names, options)) left_out[*found] = true;
  }
  std::vector<std::string> categories = options.category;
  if (options.schema) {
    for (const Category& each : options.schema->categories) categories.push_back(each.name);
  }
  for (const std::string& said : categories) {
    plan.category[column_at(path, names, said, "category")] = true;
  }
  std::vector<std::string> chosen = options.columns;
  if (options.schema && !options.schema->columns.empty()) chosen = names_of_schema(*options.schema);
  plan.chosen = !chosen.empty();
  for (const std::string& said : chosen) {
    plan.examples.push_back(column_at(path, names, said, "columns"));
  }
  if (!options.schema) check_chosen(path, names, plan.examples, left_out);
  for (std::size_t c = 0; c < names.size() && !plan.chosen; ++c) {
    if (!left_out[c]) plan.examples.push_back(c);
  }
  if (plan.examples.empty()) fail_data(path, "no column is left to learn from");
  return plan;
}

}  // namespace hourglass::internal

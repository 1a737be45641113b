#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/data_set.h"
#include "tools/codes.h"

namespace hourglass::tools {

// Parts of a report's data are Json, null where a run has no such thing; pictures are PNG images as
// data URIs, numbers are rounded to what a page shows.

// Examples of a run's test part that a report looks at, with what the model makes of them.
struct LookedAt {
  nn::DataSet data;
  Tensor examples;                    // of these, [N, example...] as stored
  std::int64_t of = 0;                // how many the test part has
  std::vector<std::int32_t> numbers;  // which of these they are, ascending, from 0
  Tensor reconstructions;             // [N, example...], in the units of the data
  Tensor codes;                       // f32 [N, H]
  Tensor errors;                      // f64 [N, columns]: see ae::column_errors
  std::vector<double> scores;         // the mean of each row of errors

  // Which look best and worst, best first.
  std::vector<std::size_t> order() const;
  // The class of one, or nothing where there are none.
  std::string class_of(std::size_t place) const;
};

// At most `most` examples, evenly through the test part.
LookedAt look_at(const LoadedRun& run, const nn::DataSet& test, std::int64_t most);

// What is known of one: "number", "score" and, where there are classes, "class".
Json known_of(const LookedAt& looked, std::size_t place);

// The share of the squared deviations from each column's mean that the reconstructions keep; nothing
// where the numbers are no deviations (counts, categories, missing values) or do not vary.
std::optional<double> explained(const LoadedRun& run, const LookedAt& looked);

// What columns are called on a page, where a number alone would say nothing: "column 3".
std::string shown_column(const std::string& name);
std::vector<std::string> shown_columns(const ae::Spec& spec, const nn::DataSet& data);

// A number to so many digits, so that a page does not carry more than it shows.
double rounded(double value, int digits = 4);

}  // namespace hourglass::tools

#include "nn/data/formats/missing.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/data/formats/format.h"

namespace hourglass::internal {

using namespace nn;

namespace {

void check_columns(const DataSet& data, const std::vector<std::int64_t>& missing,
                   const ReadOptions& options, const std::string& path, const CellNames& names) {
  if (options.schema) return;
  for (std::size_t c = 0; c < missing.size(); ++c) {
    if (missing[c] < data.count()) continue;
    fail_data(path, fmt::format("{}: every value is missing: leave it out (--drop)",
                                names.column(static_cast<std::int64_t>(c))));
  }
}

// Which rows are whole; their places as well.
std::vector<std::int32_t> rows_to_keep(const DataSet& data, std::vector<std::int64_t>& missing,
                                       const ReadOptions& options, const std::string& path,
                                       const CellNames& names) {
  std::vector<std::int32_t> whole;
  const std::int64_t columns = data.width();
  visit_real(data.examples.dtype(), [&](auto zero) {
    const auto* x = data.examples.data<decltype(zero)>();
    for (std::int64_t i = 0; i < data.count(); ++i) {
      bool lacks = false;
      for (std::int64_t c = 0; c < columns; ++c, ++x) {
        if (std::isfinite(*x)) continue;
        if (std::isinf(*x) || options.missing == Missing::kRefuse) {
          fail_data(path, fmt::format("{}, {}: {}", names.row(i), names.column(c),
                                      std::isinf(*x) ? "expected a finite number, found inf"
                                                     : "a value is missing (--missing mask, mean "
                                                       "or drop)"));
        }
        lacks = true;
        ++missing[static_cast<std::size_t>(c)];
      }
      if (!lacks) whole.push_back(static_cast<std::int32_t>(i));
    }
  });
  return whole;
}

// A recording breaks where a time step is left out: no window may reach over the gap.
std::vector<std::int64_t> lengths_of_runs(const std::vector<std::int32_t>& steps) {
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == 0 || steps[i] != steps[i - 1] + 1) lengths.push_back(0);
    ++lengths.back();
  }
  return lengths;
}

}  // namespace

CellNames cell_numbers() {
  return {[](std::int64_t i) { return fmt::format("row {}", i + 1); },
          [](std::int64_t c) { return fmt::format("column {}", c + 1); }};
}

void settle_missing(RawData& data, const ReadOptions& options, const std::string& path,
                    const CellNames& names) {
  DataSet& all = data.all;
  if (!is_real(all.examples.dtype())) return;
  std::vector<std::int64_t> missing(static_cast<std::size_t>(all.width()));
  const std::vector<std::int32_t> whole = rows_to_keep(all, missing, options, path, names);
  const auto left = static_cast<std::int64_t>(whole.size());
  if (left == all.count()) return;
  check_columns(all, missing, options, path, names);
  if (options.missing != Missing::kDrop) return;
  if (whole.empty()) fail_data(path, "every row has a missing value: none is left");
  data.notes.push_back(
      fmt::format("{} of {} rows left out: a value is missing", all.count() - left, all.count()));
  all = all.select(whole);
  if (!data.recordings.empty()) data.recordings = lengths_of_runs(whole);
}

}  // namespace hourglass::internal

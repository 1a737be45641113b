#include "nn/data/formats/missing.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/data/formats/format.h"
#include "tensor/counted.h"

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

template <class T>
bool all_finite(const T* x, std::int64_t n) {
  bool finite = true;
  for (std::int64_t i = 0; i < n; ++i) finite = finite && std::isfinite(x[i]);
  return finite;
}

// The rows that lack a value; how many values each column lacks as well.
std::vector<std::int32_t> rows_with_holes(const DataSet& data, std::vector<std::int64_t>& missing,
                                          const ReadOptions& options, const std::string& path,
                                          const CellNames& names) {
  std::vector<std::int32_t> with_holes;
  const std::int64_t columns = data.width();
  const auto look_at = [&](const auto* x, std::int64_t i) {
    for (std::int64_t c = 0; c < columns; ++c, ++x) {
      if (std::isfinite(*x)) continue;
      if (std::isinf(*x) || options.missing == Missing::kRefuse) {
        fail_data(path, fmt::format("{}, {}: {}", names.row(i), names.column(c),
                                    std::isinf(*x) ? "expected a finite number, found inf"
                                                   : "a value is missing (--missing mask, mean "
                                                     "or drop)"));
      }
      ++missing[static_cast<std::size_t>(c)];
    }
    with_holes.push_back(static_cast<std::int32_t>(i));
  };
  for_chunks(data.examples, [&](const Tensor& part, std::int64_t first) {
    visit_real(part.dtype(), [&](auto zero) {
      const auto* x = part.data<decltype(zero)>();
      for (std::int64_t i = 0; i < part.shape()[0]; ++i, x += columns) {
        if (!all_finite(x, columns)) look_at(x, first + i);
      }
    });
  });
  return with_holes;
}

// All of `count` rows but these, which ascend.
std::vector<std::int32_t> other_rows(const std::vector<std::int32_t>& without, std::int64_t count) {
  std::vector<std::int32_t> others;
  auto next = without.begin();
  for (std::int32_t i = 0; i < count; ++i) {
    if (next != without.end() && *next == i) {
      ++next;
    } else {
      others.push_back(i);
    }
  }
  return others;
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
  const std::vector<std::int32_t> lacking = rows_with_holes(all, missing, options, path, names);
  if (lacking.empty()) return;
  check_columns(all, missing, options, path, names);
  if (options.missing != Missing::kDrop) return;
  const std::vector<std::int32_t> whole = other_rows(lacking, all.count());
  if (whole.empty()) fail_data(path, "every row has a missing value: none is left");
  data.notes.push_back(fmt::format("{} of {} left out: a value is missing", lacking.size(),
                                   internal::counted(all.count(), "row")));
  all = all.select(whole);
  if (!data.recordings.empty()) data.recordings = lengths_of_runs(whole);
}

}  // namespace hourglass::internal

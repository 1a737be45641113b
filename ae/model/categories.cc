#include "ae/model/categories.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::ae {

std::vector<ColumnRange> column_ranges(const std::vector<std::int64_t>& categories,
                                       std::int64_t width) {
  std::vector<ColumnRange> ranges;
  std::int64_t next = 0;
  for (std::size_t i = 0; i + 1 < categories.size(); i += 2) {
    const std::int64_t first = categories[i], last = first + categories[i + 1];
    if (next < first) ranges.push_back({next, first});
    ranges.push_back({first, last, true});
    next = last;
  }
  if (next < width) ranges.push_back({next, width});
  return ranges;
}

std::vector<ColumnRange> table_columns(const std::vector<std::int64_t>& categories,
                                       std::int64_t width) {
  std::vector<ColumnRange> columns;
  for (const ColumnRange& range : column_ranges(categories, width)) {
    if (range.category) {
      columns.push_back(range);
    } else {
      for (std::int64_t c = range.first; c < range.last; ++c) columns.push_back({c, c + 1});
    }
  }
  return columns;
}

Tensor category_mask(const std::vector<std::int64_t>& categories, std::int64_t width) {
  Tensor mask(Shape{width}, DType::kF64);
  for (const ColumnRange& range : column_ranges(categories, width)) {
    if (range.category) std::fill_n(mask.data<double>() + range.first, range.width(), 1.0);
  }
  return mask;
}

void check_categories(const std::vector<std::int64_t>& categories, std::int64_t width) {
  const auto fail = [&](const std::string& expected) {
    throw Error(
        fmt::format("categories: expected {}: got [{}]", expected, fmt::join(categories, ", ")));
  };
  if (categories.size() % 2 == 1) fail("pairs of a first column and how many there are");
  std::int64_t next = 0;
  for (std::size_t i = 0; i < categories.size(); i += 2) {
    const std::int64_t first = categories[i], count = categories[i + 1];
    if (count < 1) fail("each to have at least 1 column");
    if (first < next) fail("them from left to right, none over another");
    if (first >= width || count > width - first) {
      fail(fmt::format("columns of a row of {}", width));
    }
    next = first + count;
  }
}

}  // namespace hourglass::ae

#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::ae {

// Columns [first, last) of a row.
struct ColumnRange {
  std::int64_t first = 0, last = 0;
  bool category = false;  // 0 or 1 each, one of them 1: a column of words
  std::int64_t width() const { return last - first; }
};

// In what follows `categories` are those of a Spec: first column and width of each, one pair after
// the other.

// A row of so many numbers from left to right: its categories, and what is between them.
std::vector<ColumnRange> column_ranges(const std::vector<std::int64_t>& categories,
                                       std::int64_t width);

// The same as a table has it: each number and each category is a column.
std::vector<ColumnRange> table_columns(const std::vector<std::int64_t>& categories,
                                       std::int64_t width);

// f64 [width]: 1 in the columns of categories.
Tensor category_mask(const std::vector<std::int64_t>& categories, std::int64_t width);

// The largest of the numbers at x, as many as the category is wide: which word it is, the first of
// equal ones; -1 where they are NaN, missing.
template <class Real>
std::int64_t word_of(const Real* x, const ColumnRange& category) {
  if (x[0] != x[0]) return -1;
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < category.width(); ++i) {
    if (x[i] > x[best]) best = i;
  }
  return best;
}

// Throws Error unless they are pairs, from left to right, none over another, all in a row of that
// width.
void check_categories(const std::vector<std::int64_t>& categories, std::int64_t width);

}  // namespace hourglass::ae

#pragma once

#include <cstdint>
#include <vector>

#include "nn/data/rows.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Numbers for classifiers and searches, made of rows [N, D] by what was found in rows to learn from.
// Both are of as many rows as they are handed, wherever those are: see nn::Rows::map.

// (x - mean) / deviation of each column, f32 [N, D]; a column that is constant in the rows that were
// learnt from becomes 0. Throws Error for rows of another width, and naming what is not finite.
class Standardised {
 public:
  explicit Standardised(const nn::Rows& learnt_from);
  nn::Rows operator()(const nn::Rows& rows) const;

 private:
  std::vector<double> mean_, factor_;
};

// Counts [N, D] of words by how telling they are, f32 [N, D]:
//   tf(n) * idf, idf = ln((1 + N) / (1 + documents that have the word)) + 1,
// over the row's length, so that a row has the norm 1 (or is all zeros). tf(n) is n, or where the
// counts are damped 1 + ln n, 0 for none. Salton & Buckley, "Term-weighting approaches in automatic
// text retrieval", 1988; the idf is smoothed as if one more document had every word. Throws Error for
// rows of another width.
class TfIdf {
 public:
  explicit TfIdf(const nn::Rows& learnt_from, bool damped = false);
  nn::Rows operator()(const nn::Rows& counts) const;

 private:
  std::vector<double> idf_;
  bool damped_;
};

}  // namespace hourglass::ae

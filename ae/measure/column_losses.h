#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/categories.h"
#include "ae/model/examples.h"

namespace hourglass::ae {

// How well a column of a table is reconstructed; what is missing is left out.
struct ColumnLoss {
  ColumnRange column;
  std::int64_t entries = 0;  // that were judged; the numbers of none are 0
  double loss = 0;   // the mean squared error in the data's units; of a category the cross-entropy
  double wrong = 0;  // of a category: the share of entries for which another word is more probable
};

// Of each column of rows [N, D], as stored, from left to right.
std::vector<ColumnLoss> column_losses(const Autoencoder& model, const Examples& examples);

}  // namespace hourglass::ae

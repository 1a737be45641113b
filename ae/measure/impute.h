#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/categories.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

struct ImputeOptions {
  int rounds = 10;         // how often what was found is put through the model again
  double share = 0.1;      // of imputation_errors: of the known entries, so many are hidden
  std::uint64_t seed = 0;  // and drawn from this
};

// Rows [N, D] in the data's own units, NaN where a value is missing, with the holes filled: at first
// by the column's mean, then by what the model reconstructs there, again and again, which draws a row
// to the nearest that the model can give (Rezende et al., "Stochastic backpropagation and
// approximate inference in deep generative models", 2014, section F; here without noise). What is
// known stays as it is; a word that is missing becomes the probabilities of all words. f64 [N, D]. Throws Error for a model that kept no means of its columns.
Tensor impute(const Autoencoder& model, const Tensor& rows, const ImputeOptions& options = {});

// How well it does on entries that are known and were hidden on purpose: the root of the mean
// squared error of a column's, beside that of the column's mean; of a category the share of wrong
// words, beside that of the commonest one.
struct ImputationError {
  ColumnRange column;
  double model = 0, mean = 0;
  std::int64_t entries = 0;  // that were hidden; the errors of none are 0
};
std::vector<ImputationError> imputation_errors(const Autoencoder& model, const Tensor& rows,
                                               const ImputeOptions& options = {});

}  // namespace hourglass::ae

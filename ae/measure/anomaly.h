#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "nn/data/data_set.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Reconstruction errors, f64 [N, columns], of each number of an example: squared, in the model's own
// numbers (of a standardised table in deviations); of a category, which is one column, the
// cross-entropy. The columns are those of table_columns. An entry that is missing has no error: 0.
Tensor column_errors(const Autoencoder& model, const Examples& examples);

// Of windows of a series, [N, channels * T] as stored, the mean over the channels at each time step: f64
// [N, 1, T], which nn::overlaid makes one course of. Throws Error where the channels do not divide the
// width.
Tensor step_errors(const Autoencoder& model, const Examples& windows, std::int64_t channels);

// The mean of each row of column_errors: how unlike what was learnt an example is, the higher the more. Of
// any number of examples, a part at a time.
std::vector<double> anomaly_scores(const Autoencoder& model, const Examples& examples);
std::vector<double> anomaly_scores(const Tensor& column_errors);  // where these are known

// By its label, whether each example is an anomaly: what nn::is_normal does not say of it.
std::vector<bool> labelled_anomalies(const nn::DataSet& data);

}  // namespace hourglass::ae

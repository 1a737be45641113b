#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Squared reconstruction errors in the model's own numbers, f64 [N, D]: of a standardised table in
// deviations. An entry that is missing has none: 0.
Tensor squared_errors(const Autoencoder& model, const Examples& examples);

// The mean of each row: how unlike what was learnt an example is, the higher the more.
std::vector<double> anomaly_scores(const Tensor& squared_errors);

}  // namespace hourglass::ae

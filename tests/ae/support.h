#pragma once

// What the tests of autoencoders share.

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "nn/train/objective.h"
#include "tensor/tensor.h"
#include "tests/autograd/support.h"

namespace hourglass::testing {

inline const double kMissing = std::nan("");

inline double at(const Var& x, std::int64_t i = 0) { return x.value().at(i); }
double term(const nn::Objective& objective, const std::string& name);  // fails without it
std::vector<std::string> names_of(ae::Autoencoder model);              // of its tensors
Tensor noise(std::int64_t n, std::int64_t width);                      // n images in [0, 1)

}  // namespace hourglass::testing

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "tensor/tensor.h"

namespace hourglass::test {

// The largest difference of two tensors of one size.
inline double farthest(const Tensor& a, const Tensor& b) {
  double most = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    most = std::max(most, std::abs(a.at(i) - b.at(i)));
  }
  return most;
}

}  // namespace hourglass::test

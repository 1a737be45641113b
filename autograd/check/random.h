#pragma once

// Numbers for checks, drawn from a seed by plain C++: they must not depend on the kernels that they
// check.

#include <cstdint>
#include <random>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::check {

class Random {
 public:
  static constexpr double kGrid = 1.0 / 4096;

  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::int64_t below(std::int64_t n);    // 0 .. n - 1, n > 0
  double grid(double low, double high);  // multiples of kGrid in [low, high)
  Tensor signs(const Shape& shape);      // f64, 1 and -1
  Tensor weights(const Shape& shape);    // f64, of sizes 1/2 to 3/2 and either sign
  void shuffle(std::vector<double>& values);

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard, that of distributions is not
};

}  // namespace hourglass::check

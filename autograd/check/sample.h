#pragma once

// Numbers for checks, drawn from a seed by plain C++: they must not depend on the kernels that they
// check. Internal to autograd/check.

#include <cstdint>
#include <random>
#include <vector>

#include "autograd/check/certificate.h"
#include "tensor/tensor.h"

namespace hourglass::check {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::int64_t below(std::int64_t n);    // 0 .. n - 1, n > 0
  double grid(double low, double high);  // multiples of 2^-12 in [low, high)
  Tensor signs(const Shape& shape);      // f64, 1 and -1
  Tensor weights(const Shape& shape);    // f64, of sizes 1/2 to 3/2 and either sign
  void shuffle(std::vector<double>& values);

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard, that of distributions is not
};

// One tensor an argument: f64, or i32 where the argument is indices.
std::vector<Tensor> sample(const std::vector<Argument>& arguments, std::uint64_t seed);

}  // namespace hourglass::check

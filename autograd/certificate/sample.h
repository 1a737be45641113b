#pragma once

// Numbers for the arguments of a case. Internal to autograd/certificate.

#include <cstdint>
#include <vector>

#include "autograd/certificate/row.h"
#include "tensor/tensor.h"

namespace hourglass::check {

// One tensor an argument: f64, or i32 where the argument is indices.
std::vector<Tensor> sample(const std::vector<Argument>& arguments, std::uint64_t seed);

}  // namespace hourglass::check

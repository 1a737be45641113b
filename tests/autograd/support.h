#pragma once

// What the tests of graphs share.

#include <cstdint>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/graph/var.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/tensor.h"

namespace hourglass::testing {

// Uniform numbers in [low, high), the same for the same seed.
Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1,
                     DType dtype = DType::kF64);
Var random_parameter(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1);
Tensor vector_of(const std::vector<double>& values);  // f64 [n]

// The values of graphs without inputs, run by the interpreter and by a compiled program, which must
// agree to 1e-12 (5e-6 in f32).
std::vector<Tensor> run_both(const std::vector<Var>& outputs);
Tensor run_both(const Var& output);

// The largest |a - b| / max(1, |a|, |b|); infinite when the shapes differ or one alone is NaN.
double distance(const Tensor& a, const Tensor& b);
double distance(const Var& a, const Var& b);  // of their values, run both ways

// Tests define ops of their own, which are not the library's to account for: test_... and ..._mine.
bool is_tests_own(std::string_view op);

// How many nodes of this op the graphs have.
int count_ops(const std::vector<Var>& outputs, std::string_view op);

}  // namespace hourglass::testing

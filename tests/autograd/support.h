#pragma once

// What the tests of graphs share.

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/tensor.h"

namespace hourglass::testing {

constexpr DType kF32 = DType::kF32;
constexpr DType kF64 = DType::kF64;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Uniform numbers in [low, high), the same for the same seed.
Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1,
                     DType dtype = DType::kF64);
Var random_parameter(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1);
Tensor vector_of(const std::vector<double>& values);             // f64 [n]
Var f64(const std::vector<double>& values, const Shape& shape);  // a constant

// The values of graphs without inputs, run by the interpreter and by a compiled program, which must
// agree to 1e-12 (5e-6 in f32).
std::vector<Tensor> run_both(const std::vector<Var>& outputs);
Tensor run_both(const Var& output);

// A program's numbers are the interpreter's to the last bit, run twice; 0: on the usual threads.
void check_identical(const std::vector<Var>& outputs, std::initializer_list<int> threads = {0, 1});

// The largest |a - b| / max(1, |a|, |b|); infinite when the shapes differ or one alone is NaN.
double distance(const Tensor& a, const Tensor& b);
double distance(const Var& a, const Var& b);  // of their values, run both ways

// Tests define ops of their own, which are not the library's to account for: test_... and ..._mine.
bool is_tests_own(std::string_view op);

Op& writable(std::string_view op);  // the registered op, for a test that breaks it

// How many nodes of this op the graphs have.
int count_ops(const std::vector<Var>& outputs, std::string_view op);

}  // namespace hourglass::testing

#pragma once

// The checks behind the columns of the certificate, one function each. Internal to
// autograd/certificate.

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/certificate/row.h"
#include "autograd/certificate/sample.h"
#include "tensor/tensor.h"

namespace hourglass::check {

// The worst error_of over all elements; infinite where the shapes differ.
double error_between(const Tensor& a, const Tensor& b);

// A case with its graph built from f64 (or i32) inputs, and numbers for them.
struct Built {
  const Case* source = nullptr;
  std::vector<Var> inputs;
  std::vector<Tensor> numbers;
  Var y;
  std::vector<std::size_t> varied;  // the inputs that derivatives are taken for

  std::vector<Var> varied_inputs() const;
};
Built build_case(const Case& source, std::uint64_t seed);

// y and, where there are any, the gradients of a randomly weighted sum of y.
std::vector<Var> value_and_gradients(const Built& built, std::uint64_t seed);

double value_error(const Built& built);
double f32_error(const Built& built);
double compiled_error(const Built& built);
double batching_error(const Built& built, std::uint64_t seed);
// 0 where every follow rule in the graph tells the truth about where an axis goes; else inf.
double follow_error(const Built& built);
double adjoint_error(const Built& built, bool jointly, std::uint64_t seed);

// Errors of the derivatives of order 1 to 3 against central differences of the order below.
std::vector<double> derivative_errors(const Built& built, std::uint64_t seed);
// Their sizes, of what must be zero by definition.
std::vector<double> zero_errors(const Built& built, std::uint64_t seed);
// The first derivative, in f64 and f32, against a reference that gives it.
double declared_error(const Built& built);
// 0 where derivatives of order 1 to 3 are finite, in f64 and f32; else inf.
std::vector<double> tail_errors(const Built& built);

}  // namespace hourglass::check

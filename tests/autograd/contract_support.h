#pragma once

// What the tests of the contraction normal form share: autoencoders of any sizes, so that costs are
// counted at the documented sizes and values are compared at small ones.

#include <cstdint>
#include <functional>
#include <vector>

#include "autograd/graph/cost.h"
#include "autograd/graph/var.h"

namespace hourglass::testing {

// An autoencoder as a graph: x [B, ..], code h [B, ..], and its reconstruction error.
struct AutoencoderGraph {
  Var x, h, mse;
  std::vector<Var> parameters;
  double batch = 0;
};

using Activation = std::function<Var(const Var&)>;

struct DenseLayer {
  Activation activation;
  bool bias = true, tied = true;
  bool transposed = false;  // the weight is [D, H] instead of [H, D]
};

// One layer D-H, decoded linearly.
AutoencoderGraph one_layer(std::int64_t batch, std::int64_t inputs, std::int64_t codes, DType dtype,
                           const DenseLayer& layer);
// Widths D-...-H; tanh, sigmoid, tanh in turn; tied decoder, tanh between.
AutoencoderGraph deep(std::int64_t batch, const std::vector<std::int64_t>& widths, DType dtype);

// A loss and what it is differentiated by.
struct Case {
  Var loss;
  std::vector<Var> parameters;
};
Case plain(const AutoencoderGraph& model);
Case with_penalty(const AutoencoderGraph& model, const Var& penalty);  // mse + 0.1 penalty / B
Var contractive(const AutoencoderGraph& model);  // the squared entries of dh/dx, summed

// Loss and gradient by the engine's own way (grad, then simplify over both), as compile would have
// it; and as written, without any simplification.
std::vector<Var> engine(const Case& test);
std::vector<Var> brute(const Case& test);

// A parameter of f64: random numbers; of f32: zeros, for graphs that are only counted.
Var numbers(const Shape& shape, DType dtype, double scale = 0.8);

// Value and gradient agree with brute force to 1e-12.
void check_values(const Case& test);
// At most 1.1 times the documented cost, in millions.
void check_cost(const Case& test, double multiply_adds, double largest_buffer);
double largest_product(const std::vector<Var>& outputs);  // multiply-adds of one matmul or conv

}  // namespace hourglass::testing

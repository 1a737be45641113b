#pragma once

// The functions of the lanes in long double, to more digits than f64 holds.
namespace lane_references {

using Real = long double;

Real sigmoid(Real x);
Real softplus(Real x);
Real silu(Real x);
Real gelu(Real x);
Real gelu_tanh(Real x);
Real selu(Real x);
Real logit(Real x);

}  // namespace lane_references

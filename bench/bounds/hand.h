#pragma once

#include <cstdint>

namespace hourglass::bench {

// Loops as one would write them by hand for one purpose: what a fused loop is held against. f32,
// one pass over memory, on the calling thread, on x86 compiled for AVX-512, AVX2 and the
// baseline.

struct AdamFactors {
  float rate = 1e-3F, beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
  float correction1 = 1, correction2 = 1;  // 1 / (1 - beta^t)
};
void adam_by_hand(float* p, float* m, float* v, const float* g, std::int64_t n,
                  const AdamFactors& factors);

// y = max(x + bias, 0) on [rows, columns].
void bias_relu_by_hand(const float* x, const float* bias, float* y, std::int64_t rows,
                       std::int64_t columns);

// g = scale (y - t) y (1 - y): the gradient of a squared error through a sigmoid's output y.
void mse_gradient_by_hand(const float* y, const float* t, float* g, std::int64_t n, float scale);

}  // namespace hourglass::bench
